"""Log entries as a query command prints them, made comparable.

An entry is a dict from field name to value.  A value is a str where its bytes
are UTF-8, else bytes; a field that occurs several times has a list of these.
"""

import json


def _value(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _add(entry, name, value):
    if name not in entry:
        entry[name] = value
    elif isinstance(entry[name], list):
        entry[name].append(value)
    else:
        entry[name] = [entry[name], value]


def parse_export(data):
    """The entries of a journal export stream (bytes)."""
    entries = []
    entry = {}
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        line = data[at:end]
        at = end + 1
        if not line:
            entries.append(entry)
            entry = {}
            continue
        name, equals, text = line.partition(b"=")
        if not equals:
            size = int.from_bytes(data[at:at + 8], "little")
            text = data[at + 8:at + 8 + size]
            at += 8 + size + 1
        _add(entry, name.decode(), _value(text))
    if entry:
        raise ValueError("the export stream ends inside an entry")
    return entries


def parse_json(data):
    """The entries of `-o json` output; too large values are None."""
    return [{name: _from_json(value) for name, value in raw.items()}
            for raw in parse_json_raw(data)]


def parse_json_raw(data):
    """As parse_json(), with byte arrays left as lists of numbers."""
    return [json.loads(line) for line in data.splitlines()]


def _from_json(value):
    if not isinstance(value, list):
        return value
    if all(isinstance(item, int) for item in value):
        return _value(bytes(value))
    return [_from_json(item) for item in value]


def cursor_part(entry, key):
    """One part of __CURSOR, e.g. "i" for the sequence number in hex."""
    parts = dict(part.split("=", 1) for part in entry["__CURSOR"].split(";"))
    return parts[key]
