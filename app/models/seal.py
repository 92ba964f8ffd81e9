"""Sealing: Argon2id for the passphrase, HPKE for the recovery key, AES-256-GCM for what is kept.

All of it is the ``cryptography`` library; here is only what is derived from what, and the bounds.
The case key is 32 random bytes; three keys are derived from it (HKDF-SHA256): for payloads, for
page checks, for picture names. Figures behind the parameters: OWASP and RFC 9106; see
resources/formats/case-file.md.
"""

from __future__ import annotations

import secrets
import time
import unicodedata
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.models.errors import BadInput

KEY_BYTES = 32
NONCE_BYTES = 12
MEMORY_FLOOR_KIB = 64 << 10
MEMORY_TARGET_KIB = 256 << 10  # calibration grows memory to this, then passes
MEMORY_LIMIT_KIB = 1 << 20  # what a file may ask for: 1 GiB, 20 passes, 8 lanes
PASSES_LIMIT = 20
LANES_LIMIT = 8
ADVISED_PASSPHRASE = 15  # characters; NIST SP 800-63B-4 for a passphrase that stands alone


@dataclass(frozen=True)
class KdfParameters:
    """Cost of Argon2id: memory in KiB, passes, lanes."""

    memory_kib: int = MEMORY_FLOOR_KIB
    passes: int = 3
    lanes: int = 4

    def checked(self) -> KdfParameters:
        """Itself; BadInput when a file asks for more than this program will spend."""
        lanes_ok = 1 <= self.lanes <= LANES_LIMIT
        passes_ok = 1 <= self.passes <= PASSES_LIMIT
        if not (lanes_ok and passes_ok and 8 * self.lanes <= self.memory_kib <= MEMORY_LIMIT_KIB):
            raise BadInput(
                "case.kdf_out_of_bounds",
                memory_kib=self.memory_kib,
                passes=self.passes,
                lanes=self.lanes,
            )
        return self

    def to_json(self) -> dict[str, Any]:
        """JSON values, with the name of the function."""
        return {
            "name": "argon2id",
            "memory_kib": self.memory_kib,
            "passes": self.passes,
            "lanes": self.lanes,
        }


def calibrated(target_s: float = 1.0) -> KdfParameters:
    """Parameters that take about ``target_s`` here, never below 64 MiB, t=3, p=4.

    One timed run at the floor; memory grows first (it is what a guesser pays for), passes after.
    """
    floor = KdfParameters()
    started = time.perf_counter()
    passphrase_key("calibration", b"0" * 16, floor)
    factor = target_s / max(time.perf_counter() - started, 1e-3)
    growth = min(max(factor, 1.0), MEMORY_TARGET_KIB / MEMORY_FLOOR_KIB)
    memory = int(MEMORY_FLOOR_KIB * growth) // 1024 * 1024
    passes = min(max(floor.passes, round(floor.passes * factor / growth)), PASSES_LIMIT)
    return KdfParameters(memory, passes, floor.lanes)


def passphrase_key(passphrase: str, salt: bytes, cost: KdfParameters) -> bytes:
    """32 bytes from a passphrase (NFC, UTF-8)."""
    cost.checked()
    text = unicodedata.normalize("NFC", passphrase).encode()
    kdf = Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return kdf.derive(text)


def derived(case_key: bytes, purpose: str) -> bytes:
    """A key for one purpose; knowing one tells nothing about the others."""
    info = f"portrait-parle case 1 {purpose}".encode()
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info).derive(case_key)


def seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Nonce and AES-256-GCM ciphertext of ``plain``, bound to ``bound``."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    """What was sealed, or None when anything about it was changed."""
    if len(sealed) < NONCE_BYTES + 16:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except InvalidTag:
        return None


# ------------------------------------------------------------------ recovery key


def _suite() -> hpke.Suite:
    return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def wrap_for_recovery(case_key: bytes, public_key: bytes, case_id: str) -> bytes:
    """The case key for the holder of an organisation's X25519 key (HPKE, RFC 9180, base mode)."""
    return _suite().encrypt(case_key, _public_key(public_key), info=_recovery_info(case_id))


def unwrap_recovery(wrapped: bytes, private_key: bytes, case_id: str) -> bytes | None:
    """The case key, or None when the private key is not the one it was wrapped for."""
    try:
        return _suite().decrypt(wrapped, _private_key(private_key), info=_recovery_info(case_id))
    except (InvalidTag, ValueError):
        return None


def recovery_key_name(public_key: bytes) -> str:
    """Hex SHA-256 of the raw public key: says which recovery key a case was made for."""
    raw = _public_key(public_key).public_bytes_raw()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(raw)
    return digest.finalize().hex()


def _recovery_info(case_id: str) -> bytes:
    return f"portrait-parle recovery 1 {case_id}".encode()


def _public_key(data: bytes) -> x25519.X25519PublicKey:
    try:
        if len(data) == KEY_BYTES:
            return x25519.X25519PublicKey.from_public_bytes(data)
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        load = serialization.load_pem_public_key if is_pem else serialization.load_der_public_key
        key = load(data)
    except ValueError as error:
        raise BadInput("case.bad_recovery_key", why=str(error)) from error
    if not isinstance(key, x25519.X25519PublicKey):
        raise BadInput("case.bad_recovery_key", why="not an X25519 public key")
    return key


def _private_key(data: bytes) -> x25519.X25519PrivateKey:
    try:
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        load = serialization.load_pem_private_key if is_pem else serialization.load_der_private_key
        key = load(data, password=None)
    except (ValueError, TypeError) as error:
        raise BadInput("case.bad_recovery_key", why=str(error)) from error
    if not isinstance(key, x25519.X25519PrivateKey):
        raise BadInput("case.bad_recovery_key", why="not an X25519 private key")
    return key
