"""HTTPS to a hub whose certificate is known by its fingerprint, or signed by an authority that is given."""

import hashlib
import os
import ssl


def context(ca: str | os.PathLike[str] | None, fingerprint: bytes | None) -> ssl.SSLContext | bool:
    """What httpx is to verify by; `True` is as on the web."""
    if fingerprint is None:
        return True if ca is None else ssl.create_default_context(cafile=os.fspath(ca))
    expected = fingerprint

    def compare(certificate: bytes | None) -> None:
        found = hashlib.sha256(certificate or b"").digest()
        if found != expected:
            told = f"the certificate's fingerprint is sha256:{found.hex()}, and should be sha256:{expected.hex()}"
            raise ssl.SSLCertVerificationError(told)

    # A handshake proves that the other side has the certificate's key; nothing of ours is sent before the comparison.
    class PinnedSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            compare(self.getpeercert(binary_form=True))

    class PinnedObject(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            compare(self.getpeercert(binary_form=True))

    pinned = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Whatever name it bears, and whoever vouches for it: a fingerprint says more.
    pinned.check_hostname = False
    pinned.verify_mode = ssl.CERT_NONE
    pinned.sslsocket_class = PinnedSocket
    pinned.sslobject_class = PinnedObject
    return pinned
