import { ScopeLedger } from "./ledger.ts";

/**
 * Requests whose caller is gone (timeout, reset) before the upstream answered: the upstream works on, so their place in
 * flight stays taken until the time a request usually takes is over. Released at the tick, all of them when a root context
 * ends, whose tick might have been the last. With no room for another, a place is given up at once.
 */
const MAX_GHOSTS: u32 = 1024;
/** However long requests take: a mean is no promise. */
const MAX_GHOST_US: u64 = 10000000;

@unmanaged
class Ghost {
  ledger: usize;
  dueUs: u64;
}

const GHOST_BYTES: u32 = offsetof<Ghost>();
const GHOSTS: usize = heap.alloc(MAX_GHOSTS * GHOST_BYTES);
let count: u32 = 0;

function ghostAt(index: u32): Ghost {
  return changetype<Ghost>(GHOSTS + index * GHOST_BYTES);
}

/** `elapsedUs`: since the request came. */
export function leaveLater(ledger: ScopeLedger, nowUs: u64, elapsedUs: u64): void {
  const expectedUs = min<u64>(ledger.meanRttUs, MAX_GHOST_US);
  if (elapsedUs >= expectedUs || count === MAX_GHOSTS) {
    ledger.inflight.leave();
    return;
  }
  const ghost = ghostAt(count++);
  ghost.ledger = changetype<usize>(ledger);
  ghost.dueUs = nowUs + expectedUs - elapsedUs;
}

/** A ghost due in more than the longest time there is comes from a clock that ran back. */
export function releaseGhosts(nowUs: u64): void {
  let i: u32 = 0;
  while (i < count) {
    const ghost = ghostAt(i);
    if (ghost.dueUs > nowUs && ghost.dueUs - nowUs <= MAX_GHOST_US) i++;
    else release(i);
  }
}

export function releaseAllGhosts(): void {
  while (count > 0) release(count - 1);
}

function release(index: u32): void {
  const ghost = ghostAt(index);
  changetype<ScopeLedger>(ghost.ledger).inflight.leave();
  const last = ghostAt(--count);
  ghost.ledger = last.ledger;
  ghost.dueUs = last.dueUs;
}
