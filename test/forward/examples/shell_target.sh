#!/bin/sh
# A target of sheethook in plain sh and openssl. It reads one request from stdin and answers on stdout, so whatever
# listens starts it: socat TCP-LISTEN:9000,fork,reuseaddr EXEC:./shell_target.sh, inetd, a systemd socket (Accept=yes).
set -eu

answer() {
  printf 'HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$1"
  exit
}

length=0 id='' timestamp=0 signatures='' end=$(printf '\r')
read -r request
while IFS= read -r line && [ "$line" != "$end" ]; do
  value=$(printf %s "${line#*:}" | tr -d '\r' | sed 's/^ *//')
  case $(printf %s "${line%%:*}" | tr 'A-Z' 'a-z') in
    content-length) length=$value ;;
    webhook-id) id=$value ;;
    webhook-timestamp) timestamp=$value ;;
    webhook-signature) signatures=$value ;;
  esac
done
body=$(mktemp)
trap 'rm -f "$body"' EXIT
head -c "$length" >"$body"

age=$(($(date +%s) - timestamp))
[ "$age" -le 300 ] && [ "$age" -ge -300 ] || answer '401 Unauthorized'
key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$({ printf '%s.%s.' "$id" "$timestamp"; cat "$body"; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
case " $signatures " in
  *" v1,$signature "*) ;;
  *) answer '401 Unauthorized' ;;
esac

# Your work. The message is in the file "$body"; its id is the same when it comes again.
type=$(sed 's/^{"type":"\([^"]*\)".*/\1/' "$body")
printf '%s %s\n' "$type" "$id" >&2
answer '204 No Content' # Only now: until a 2xx, the message comes again.
