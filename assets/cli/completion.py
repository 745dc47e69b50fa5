"""`closedloop completion`: what a shell needs to complete commands, options, tables, entities and words."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from assets.cli import options, output

SHELLS = ("bash", "zsh", "fish")

VARIABLE = "_CLOSEDLOOP_COMPLETE"


@click.command(
    epilog=options.examples(
        "closedloop completion bash >> ~/.bashrc",
        "closedloop completion zsh >> ~/.zshrc",
        "closedloop completion fish > ~/.config/fish/completions/closedloop.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.pass_context
def completion(ctx: click.Context, shell: str | None) -> None:
    """Print the completion script of a shell; without SHELL that of $SHELL."""
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise click.UsageError(f"say for which shell: {', '.join(SHELLS)}")
    kind = get_completion_class(name)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {name}")
    output.echo(_script(kind.source_template, ctx.find_root().info_name or "closedloop"))


def _script(template: str, program: str) -> str:
    """The script itself: click would first ask the version of a shell that need not be installed."""
    function = f"_{program}_completion"
    return template % {"complete_func": function, "complete_var": VARIABLE, "prog_name": program}
