"""Ctrl-C and SIGTERM end a command in the same way, even if a library turns them into another error."""

import signal

import pytest

from assets.cli import interrupts

SIGNALS = [signal.SIGINT, signal.SIGTERM]


def interrupted(number, then):
    """A command that receives a signal, and ends with the error that a library raises."""
    with interrupts.heard():
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            raise then from None


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_an_interrupt_and_its_handler_is_given_back(number):
    before = signal.getsignal(number)

    with pytest.raises(KeyboardInterrupt), interrupts.heard():
        signal.raise_signal(number)

    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("other", [ImportError("initialization failed"), SystemExit(1)], ids=repr)
def test_another_error_that_a_library_made_of_it_is_an_interrupt(number, other):
    with pytest.raises(KeyboardInterrupt):
        interrupted(number, other)


def test_an_error_without_a_signal_is_unchanged():
    with pytest.raises(ImportError), interrupts.heard():
        raise ImportError


def test_a_command_that_came_to_its_good_end_all_the_same_has_done_so():
    with pytest.raises(SystemExit) as ended:
        interrupted(signal.SIGINT, SystemExit(0))

    assert ended.value.code == 0


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_the_caller_ignores_stays_ignored(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with interrupts.heard():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
