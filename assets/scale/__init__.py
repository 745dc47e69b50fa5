"""What a ledger of millions of legs needs, and a small one never: tables in parts, other machines, made-up ledgers."""
