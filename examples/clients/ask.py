# SPDX-License-Identifier: EUPL-1.2
"""May this user read this document? Asks rkod over a Unix socket. python3 ask.py SOCKET USER DOCUMENT"""
import http.client
import json
import socket
import sys


class Sidecar(http.client.HTTPConnection):
    """HTTP over a Unix socket. Keep one for each thread and ask it again and again."""

    def __init__(self, path, timeout=3):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def may(sidecar, question):
    """(permitted, fields to hide). Whatever goes wrong is a no."""
    try:
        sidecar.request("POST", "/access/v1/evaluation", json.dumps(question), {"Content-Type": "application/json"})
        response = sidecar.getresponse()
        answer = json.loads(response.read())
        if response.status != 200 or answer.get("decision") is not True:
            return False, []
        hide = []
        for obligation in answer.get("context", {}).get("obligations", []):
            hide += obligation.get("properties", {}).get("hide", [])
        return True, hide
    except (OSError, ValueError, AttributeError, TypeError, http.client.HTTPException):
        sidecar.close()
        return False, []


def reading(user, document):
    return {
        "subject": {"type": "user", "id": user,
                    "properties": {"unit": "kukkakoti_u1", "work_task": "priv_implementation",
                                   "identification": "professional_card", "system": "x_jarjestelma"}},
        "action": {"name": "read"},
        "resource": {"type": "document", "id": document, "properties": {"client": "liisa"}},
        "context": {"register": "ekhva", "purpose": "service", "channel": "kanta", "rko": {"tell": "requester"}},
    }


if __name__ == "__main__":
    permitted, hidden = may(Sidecar(sys.argv[1]), reading(sys.argv[2], sys.argv[3]))
    print("yes" if permitted else "no", *hidden)
    sys.exit(0 if permitted else 1)
