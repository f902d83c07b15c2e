#!/usr/bin/env python3
"""Writes a manual page for the program and for each of its commands: man_pages.py DUMP FOLDER DATE VERSION

DUMP is what `scriptorium --experimental-dump-help` prints (ArgumentParserToolInfo, version 0), so that pages and
`--help` say the same. Pages are in man(7).
"""

import json
import os
import sys

# What every page ends with.
EXIT_STATUSES = [
    ("0", "All rows were transcribed; the job of a worker is finished."),
    ("3", "Finished, and some rows have no transcript; a diagnosis that found a problem."),
    ("64", "Wrong use."),
    ("65", "Another job, model or arithmetic; a damaged model."),
    ("70", "The engine failed."),
    ("74", "Storage: the disk is full, or a journal is damaged."),
    ("75", "Drained, or short of something: run it again to go on."),
    ("76", "Another coordinator works on this job."),
    ("130", "Interrupted or cancelled: run it again to go on."),
    ("141", "Nobody reads the records any more."),
]


def escaped(text):
    """Text that troff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return "\n".join("\\&" + line if line.startswith((".", "\\(aq")) else line for line in text.split("\n"))


def paragraphs(text):
    """Paragraphs of a discussion; lines that are indented keep their form."""
    lines, verbatim = [], False
    for line in text.rstrip().split("\n"):
        is_code = line.startswith("  ")
        if is_code != verbatim:
            lines.append(".EX" if is_code else ".EE")
            verbatim = is_code
        if not line.strip():
            if not verbatim:
                lines.append(".PP")
        else:
            lines.append(escaped(line))
    if verbatim:
        lines.append(".EE")
    # A paragraph that nothing follows is none.
    while lines and lines[-1] == ".PP":
        lines.pop()
    return [line for place, line in enumerate(lines)
            if line != ".PP" or (place > 0 and lines[place - 1] != ".PP" and lines[place + 1:place + 2] != [".EX"])]


def name_of(name):
    return ("-" if name["kind"] != "long" else "--") + name["name"]


def usage(argument):
    """An argument in the synopsis."""
    value = f"\\fI{escaped(argument['valueName'])}\\fR"
    if argument["kind"] == "positional":
        text = value
    else:
        text = f"\\fB{escaped(name_of(argument['preferredName']))}\\fR"
        text += f" {value}" if argument["kind"] == "option" else ""
    text += " ..." if argument["isRepeating"] else ""
    return text if not argument["isOptional"] else f"[{text}]"


def entry(argument):
    """An argument with what it means."""
    value = f"\\fI{escaped(argument['valueName'])}\\fR"
    if argument["kind"] == "positional":
        head = value
    else:
        head = ", ".join(f"\\fB{escaped(name_of(each))}\\fR" for each in argument["names"])
        head += f" {value}" if argument["kind"] == "option" else ""
    lines = [".TP", head, escaped(argument.get("abstract") or "\\&")]
    facts = []
    if argument.get("allValues") and argument["kind"] == "option":
        facts.append("One of " + ", ".join(argument["allValues"]) + ".")
    if argument.get("defaultValue") and argument["kind"] == "option":
        facts.append(f"Default: {argument['defaultValue']}.")
    if facts:
        lines.append(escaped(" ".join(facts)))
    if argument.get("discussion"):
        lines += [".IP", escaped(" ".join(argument["discussion"].split()))]
    return lines


def page(command, path, date, version, others):
    title = "-".join(path).upper()
    lines = [
        f'.TH "{escaped(title)}" "1" "{date}" "scriptorium {escaped(version)}" "User Commands"',
        ".SH NAME", f"{escaped('-'.join(path))} \\- {escaped((command.get('abstract') or '').rstrip('.'))}",
        ".SH SYNOPSIS", f"\\fB{escaped(' '.join(path))}\\fR",
    ]
    arguments = [each for each in command.get("arguments") or [] if each["shouldDisplay"]]
    subcommands = [each for each in command.get("subcommands") or []
                   if each["shouldDisplay"] and each["commandName"] != "help"]
    if subcommands:
        lines.append("\\fIcommand\\fR [\\fIoptions\\fR]")
    else:
        lines += [usage(each) for each in arguments if each["preferred"] not in ("help", "version")]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION"] + paragraphs(command["discussion"])
    if subcommands:
        lines.append(".SH COMMANDS")
        for each in subcommands:
            lines += [".TP", f"\\fB{escaped(each['commandName'])}\\fR", escaped(each.get("abstract") or "")]
    sections = {}
    for each in arguments:
        sections.setdefault(each.get("sectionTitle") or "Options", []).append(each)
    for title in ["Options"] + sorted(sections.keys() - {"Options"}):
        if sections.get(title):
            lines.append(f".SH {escaped(title.upper())}")
            for each in sections[title]:
                lines += entry(each)
    lines.append(".SH EXIT STATUS")
    for status, meaning in EXIT_STATUSES:
        lines += [".TP", f"\\fB{status}\\fR", escaped(meaning)]
    lines.append(".SH SEE ALSO")
    lines.append(",\n".join(f"\\fB{escaped(each)}\\fR(1)" for each in others))
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 5:
        sys.exit("usage: man_pages.py DUMP FOLDER DATE VERSION")
    dump, folder, date, version = sys.argv[1:]
    with open(dump) as file:
        root = json.load(file)["command"]
    pages = {}

    def visit(command, path):
        if not command["shouldDisplay"] or command["commandName"] == "help":
            return
        for each in command.get("arguments") or []:
            each["preferred"] = (each.get("preferredName") or {}).get("name", "")
        pages["-".join(path)] = (command, path)
        for each in command.get("subcommands") or []:
            visit(each, path + [each["commandName"]])

    visit(root, [root["commandName"]])
    os.makedirs(folder, exist_ok=True)
    for name, (command, path) in pages.items():
        parent = "-".join(path[:-1])
        children = [other for other, (_, its) in pages.items() if its[:-1] == path]
        others = ([parent] if parent else []) + children or ["scriptorium"]
        with open(os.path.join(folder, f"{name}.1"), "w") as file:
            file.write(page(command, path, date, version, others))


main()
