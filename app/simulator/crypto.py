"""The callback envelope: AES-256-CBC with PKCS#7 to 32 bytes, signed with SHA-1 (WeCom's own scheme)."""

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class BadEnvelope(Exception):
    """The text cannot be decrypted, or was meant for another receiver."""


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Hex SHA-1 of the four parts, sorted and joined."""
    # SHA-1 is what the protocol prescribes; it is not our choice.
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode()).hexdigest()  # noqa: S324


def encrypt(plain: str, *, aes_key: str, receiver: str) -> str:
    """Base64 of random(16) + length(4, big-endian) + text + receiver, encrypted."""
    body = plain.encode()
    whole = secrets.token_bytes(16) + struct.pack(">I", len(body)) + body + receiver.encode()
    padding = BLOCK - len(whole) % BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(
        encryptor.update(whole + bytes([padding]) * padding) + encryptor.finalize()
    ).decode()


def decrypt(encrypted: str, *, aes_key: str, receiver: str) -> str:
    """The text inside an envelope; raises BadEnvelope for anything that is not one of ours."""
    try:
        decryptor = _cipher(aes_key).decryptor()
        whole = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        whole = whole[: -whole[-1]]
        end = 20 + struct.unpack(">I", whole[16:20])[0]
        text, found = whole[20:end].decode(), whole[end:].decode()
    except (ValueError, IndexError, struct.error) as error:
        raise BadEnvelope("cannot be decrypted") from error
    if found != receiver:
        raise BadEnvelope(f"meant for {found!r}")
    return text


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
