import { BlockList, isIP } from "node:net";

/**
 * Where this process may send to, against a document that would make it ask what only it can reach (SSRF). Default: nowhere. An
 * operator allows names (`hooks.example`, `*.hooks.example`), addresses and ranges (`10.1.0.0/16`), each with any port or one
 * (`hooks.example:8443`). A name may lead to public addresses; to those of this machine or a private network only if the
 * address itself is allowed too. Addresses of a link, of nobody, of everybody and of documentation never are.
 */
export interface Reach {
  /** Undefined: `host` may be resolved. */
  refuseHost(host: string, port: number): string | undefined;
  /** Undefined: this address may be connected to. */
  refuseAddress(address: string, port: number): string | undefined;
}

interface Entry {
  readonly name?: string;
  readonly range?: BlockList;
  readonly port?: number;
}

/** Never, whatever is allowed: RFC 6890 and the registries of special addresses. */
const NEVER = blockList(
  "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 192.88.99.0/24 224.0.0.0/4 240.0.0.0/4",
  "::/128 100::/64 64:ff9b:1::/48 2001:db8::/32 2001::/23 3fff::/20 5f00::/16 fe80::/10 fec0::/10 ff00::/8",
);
/** Of this machine or of private networks: only if named as an address. */
const PRIVATE = blockList(
  "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15",
  "::1/128 fc00::/7",
);

/** Throws a sentence if an entry is none. */
export function reachOf(allowed: readonly string[]): Reach {
  const entries = allowed.map(parseEntry);
  const onPort = (port: number) =>
    entries.filter((entry) => entry.port === undefined || entry.port === port);
  const isNamed = (address: string, port: number) =>
    onPort(port).some(({ range }) => range?.check(address, familyOf(address)) === true);
  const refuseAddress = (written: string, port: number): string | undefined => {
    const address = plain(written);
    if (address === undefined) return `${written} is no address`;
    if (NEVER.check(address, familyOf(address)))
      return `${written} is an address nobody may be sent to`;
    if (!PRIVATE.check(address, familyOf(address)) || isNamed(address, port)) return undefined;
    return `${written} is an address of this machine or of a private network, which is not allowed by itself`;
  };
  return {
    refuseAddress,
    refuseHost: (host, port) => {
      const name = nameOf(host);
      if (isIP(name) !== 0) {
        const address = plain(name) ?? name;
        return isNamed(address, port)
          ? refuseAddress(name, port)
          : `${host}:${port} is not allowed`;
      }
      const isAllowed = onPort(port).some(
        (entry) => entry.name !== undefined && isOf(name, entry.name),
      );
      return isAllowed ? undefined : `${host}:${port} is not allowed`;
    },
  };
}

function isOf(name: string, allowed: string): boolean {
  return allowed.startsWith("*.") ? name.endsWith(allowed.slice(1)) : name === allowed;
}

/** As it is compared: without brackets, without the dot at the end. */
export function nameOf(host: string): string {
  return host
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
}

/** The IPv4 address inside one of IPv6 counts as itself: mapped, compatible, translated (NAT64), 6to4. */
function plain(address: string): string | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  if (family === 4) return address;
  const words = wordsOf(address.replace(/%.*$/, ""));
  const v4 = (at: number) =>
    [words[at] ?? 0, words[at + 1] ?? 0].flatMap((word) => [word >> 8, word & 255]).join(".");
  const head = words
    .slice(0, 6)
    .map((word) => word.toString(16))
    .join(":");
  if (head === "0:0:0:0:0:ffff" || head === "64:ff9b:0:0:0:0") return v4(6);
  if (head === "0:0:0:0:0:0" && (words[6] !== 0 || (words[7] ?? 0) > 1)) return v4(6);
  if (words[0] === 0x2002) return v4(1);
  return address.replace(/%.*$/, "");
}

function wordsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text =
    dotted === null
      ? address
      : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`;
  const [front = "", back] = text.split("::");
  const parse = (part: string) =>
    part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16));
  const [left, right] = [parse(front), parse(back ?? "")];
  return [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
}

function pair(high = "0", low = "0"): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

function parseEntry(text: string): Entry {
  const wrong = `${text} is not somewhere to send to, such as hooks.example, *.hooks.example:8443, 127.0.0.1:9093 or 10.1.0.0/16`;
  const [, host = "", port] =
    /^(\[[^\]]+\]|[^:]+|[0-9a-f:]+(?:\/\d+)?)(?::(\d{1,5}))?$/i.exec(text.trim()) ?? [];
  const onPort = port === undefined ? {} : { port: Number(port) };
  const [address = "", bits] = nameOf(host).split("/");
  const family = isIP(address);
  if (family !== 0) {
    const width = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
    if (!(width >= 0 && width <= (family === 4 ? 32 : 128))) throw new Error(wrong);
    const range = new BlockList();
    range.addSubnet(address, width, familyOf(address));
    return { range, ...onPort };
  }
  if (bits !== undefined || !/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(address))
    throw new Error(wrong);
  // A number for a name is an address in disguise.
  if (/^[0-9.]+$/.test(address)) throw new Error(wrong);
  return { name: address, ...onPort };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

function blockList(v4: string, v6: string): BlockList {
  const list = new BlockList();
  for (const [text, family] of [
    [v4, "ipv4"],
    [v6, "ipv6"],
  ] as const) {
    for (const range of text.split(" ")) {
      const [address = "", bits = ""] = range.split("/");
      list.addSubnet(address, Number(bits), family);
    }
  }
  return list;
}
