"""Checks proofs of audit records without Keyspan: verify.py PROOF KEY...

PROOF is what `keyspan audit prove` prints. Each KEY is a public key as export.json has it: of the log, and of those who
vouch for it; all of them must have signed. Prints the record. Needs Python 3 and openssl.
"""
import base64, hashlib, subprocess, sys, tempfile

SPKI = bytes.fromhex("302a300506032b6570032100")  # what an Ed25519 key in DER begins with (RFC 8410)
b64 = lambda text: base64.b64decode(text, validate=True)
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()


def root_of(leaf, index, size, path):  # RFC 9162, section 2.1.3.2
    node, last, root = index, size - 1, leaf
    for sibling in path:
        assert last > 0, "The proof is too long."
        if node % 2 or node == last:
            root = sha(b"\1", sibling, root)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            root = sha(b"\1", root, sibling)
        node, last = node // 2, last // 2
    assert last == 0, "The proof is too short."
    return root


def is_signed(text, lines, key):  # C2SP signed-note and tlog-cosignature
    name, key_id, encoded = key.split("+", 2)
    kind, public = b64(encoded)[:1], b64(encoded)[1:]
    assert sha(name.encode(), b"\n", kind, public)[:4].hex() == key_id, f"{key} is no key."
    for raw in (b64(line.split(" ")[2]) for line in lines if line.split(" ")[1] == name):
        time, signature = (int.from_bytes(raw[4:12]), raw[12:]) if kind == b"\4" else (None, raw[4:])
        signed = text if time is None else f"cosignature/v1\ntime {time}\n{text}"
        with tempfile.NamedTemporaryFile() as k, tempfile.NamedTemporaryFile() as s, tempfile.NamedTemporaryFile() as t:
            for file, content in ((k, SPKI + public), (s, signature), (t, signed.encode())):
                file.write(content), file.flush()
            openssl = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"]
            files = ["-inkey", k.name, "-sigfile", s.name, "-in", t.name]
            if raw[:4].hex() == key_id and subprocess.run(openssl + files, capture_output=True).returncode == 0:
                return True
    return False


head, text, signatures = open(sys.argv[1], encoding="utf-8").read().split("\n\n")
version, extra, index, *path = head.split("\n")
record = b64(extra.removeprefix("extra "))
origin, size, root = text.split("\n")[:3]
text += "\n"
assert version == "c2sp.org/tlog-proof@v1" and 0 <= int(index.removeprefix("index ")) < int(size), "This is no proof."
assert root_of(sha(b"\0", record), int(index[6:]), int(size), map(b64, path)) == b64(root), "The record is not in the log."
assert sys.argv[2:] and sys.argv[2].split("+")[0] == origin, f"Give the key of the log {origin} first."
for key in sys.argv[2:]:
    assert is_signed(text, signatures.strip().split("\n"), key), f"{key.split('+')[0]} has not signed this."
print(record.decode())
