const served = new WeakSet<Request>();

/**
 * Says that a door of ours serves this request. Then no more of its body is read than its `Content-Length` tells, as
 * HTTP wants it, and timers live as long as the process: the body is read at once, which is half the cost of an answer on
 * Node, and time-outs share a timer.
 */
export function markServed(request: Request): void {
  served.add(request);
}

/** False for a request that comes from elsewhere: an embedding, a test, a host that isn't known. */
export function isServed(request: Request): boolean {
  return served.has(request);
}
