#!/usr/bin/python3
"""The reference for gzip: Python's zlib reads a member as it comes, and its gzip module reads the whole.

stdin:  [base64 of bytes as they came, ...]
stdout: {"parts": [text after each of them, ...], "whole": text, "closed": whether the member ended, with nothing behind}
"""

import base64
import gzip
import json
import sys
import zlib


def read(parts):
    reader = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    texts = [reader.decompress(part).decode() for part in parts]
    closed = reader.eof and not reader.unused_data
    return {"parts": texts, "whole": gzip.decompress(b"".join(parts)).decode(), "closed": closed}


if __name__ == "__main__":
    json.dump(read([base64.b64decode(part) for part in json.load(sys.stdin)]), sys.stdout)
