"""A target of sheethook: verifies each message and prints it. Python 3.9 or newer, nothing but its standard library."""
import base64, hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS = os.environ["WEBHOOK_SECRET"].split()
KEYS = [base64.b64decode(secret.removeprefix("whsec_")) for secret in SECRETS]


def is_signed(headers, body):
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    signed = f"{identifier}.{timestamp}.".encode() + body
    ours = ["v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in KEYS]
    theirs = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(one, other) for one in ours for other in theirs)


def handle(message, identifier, change_agent):
    """Your work. `identifier` is the same when a message comes again; put `change_agent` on your own writes."""
    print(json.dumps({"id": identifier, "changeAgent": change_agent, **message}), flush=True)


class Target(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if not is_signed(self.headers, body):
            return self.answer(401)
        handle(json.loads(body), self.headers["webhook-id"], self.headers["smartsheet-change-agent"])
        self.answer(204)  # Only now: until a 2xx, the message comes again.

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if sys.argv[1:] else 9000), Target)
    print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
