/** True if some hostname is of both forms, each a DNS name or `*.` and a DNS name, as Gateway API joins listeners and routes. */
export function hostnamesMeet(a: string, b: string): boolean {
  if (a === b) return true;
  return covers(a, b) || covers(b, a);
}

function covers(wildcard: string, name: string): boolean {
  return wildcard.startsWith("*.") && name.endsWith(wildcard.slice(1));
}
