"""Fault injection: each room causes real faults, then checks that the published file is the old or the new one."""
