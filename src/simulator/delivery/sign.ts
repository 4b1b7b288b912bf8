/** The `Smartsheet-Hmac-SHA256` of a body: lower-case hex of HMAC-SHA-256, with the bytes of the secret as the key. */
export async function sign(body: Uint8Array<ArrayBuffer>, secret: string, zeros: "dropped" | "kept"): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, body));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return zeros === "dropped" ? hex.replace(/^0+/, "") : hex;
}
