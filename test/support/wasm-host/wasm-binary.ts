/**
 * Reads a Wasm binary as far as the static gate needs it: imports with their types, exports, the start section, and of each
 * function what it calls and whether it grows memory. Instructions are decoded one by one, and an opcode this page does not
 * know ends the reading, so a new feature in the compiler's output fails the gate instead of slipping through.
 * Source: WebAssembly core specification 2.0, chapter 5.
 */
export interface WasmImport {
  readonly name: string;
  readonly type: string;
}

export interface WasmFunction {
  readonly calls: readonly number[];
  readonly hasMemoryGrow: boolean;
  readonly hasIndirectCall: boolean;
}

export interface WasmBinary {
  readonly imports: readonly WasmImport[];
  /** Function index of each exported function. */
  readonly exports: ReadonlyMap<string, number>;
  readonly exportNames: readonly string[];
  readonly hasStart: boolean;
  /** By function index, imports first as null. */
  readonly functions: readonly (WasmFunction | null)[];
}

const SECTION = { type: 1, import: 2, export: 7, start: 8, code: 10 } as const;
const VALUE_TYPES: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
};

class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public at = 0,
    public readonly end = bytes.length,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined || this.at > this.end) throw new Error("wasm binary ends too early");
    return byte;
  }

  /** LEB128; only the low 32 bits count for what is read here. */
  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text(): string {
    const size = this.u32();
    this.at += size;
    return Buffer.from(this.bytes.subarray(this.at - size, this.at)).toString("utf8");
  }

  sub(size: number): Reader {
    this.at += size;
    return new Reader(this.bytes, this.at - size, this.at);
  }

  list<T>(read: (reader: Reader) => T): T[] {
    return Array.from({ length: this.u32() }, () => read(this));
  }
}

export function readWasmBinary(bytes: Uint8Array): WasmBinary {
  const reader = new Reader(bytes, 8);
  let types: string[] = [];
  let imports: WasmImport[] = [];
  let exported: { name: string; kind: number; index: number }[] = [];
  let functions: WasmFunction[] = [];
  let hasStart = false;
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const section = reader.sub(reader.u32());
    if (id === SECTION.type) types = section.list(readType);
    else if (id === SECTION.import) imports = section.list((r) => readImport(r, types));
    else if (id === SECTION.export) exported = section.list(readExport);
    else if (id === SECTION.start) hasStart = true;
    else if (id === SECTION.code) functions = section.list((r) => readFunction(r.sub(r.u32())));
  }
  return {
    imports,
    exports: new Map(exported.filter((e) => e.kind === 0).map((e) => [e.name, e.index])),
    exportNames: exported.map((e) => e.name),
    hasStart,
    functions: [...imports.map(() => null), ...functions],
  };
}

function readType(reader: Reader): string {
  if (reader.byte() !== 0x60) throw new Error("not a function type");
  const names = (): string => reader.list((r) => VALUE_TYPES[r.byte()] ?? "?").join(" ");
  return `(${names()}) -> (${names()})`;
}

function readImport(reader: Reader, types: readonly string[]): WasmImport {
  const name = `${reader.text()}.${reader.text()}`;
  if (reader.byte() !== 0) throw new Error(`import ${name} is not a function`);
  return { name, type: types[reader.u32()] ?? "?" };
}

function readExport(reader: Reader): { name: string; kind: number; index: number } {
  return { name: reader.text(), kind: reader.byte(), index: reader.u32() };
}

function readFunction(reader: Reader): WasmFunction {
  reader.list((r) => [r.u32(), r.byte()]);
  const calls: number[] = [];
  let hasMemoryGrow = false;
  let hasIndirectCall = false;
  while (!reader.isAtEnd) {
    const opcode = reader.byte();
    if (opcode === 0x10) calls.push(reader.u32());
    else if (opcode === 0x11) {
      hasIndirectCall = true;
      skip(reader, 2);
    } else if (opcode === 0x40) {
      hasMemoryGrow = true;
      skip(reader, 1);
    } else skipImmediates(reader, opcode);
  }
  return { calls, hasMemoryGrow, hasIndirectCall };
}

function skip(reader: Reader, count: number): void {
  for (let i = 0; i < count; i++) reader.u32();
}

function skipImmediates(reader: Reader, opcode: number): void {
  if (opcode === 0x0e) {
    reader.list((r) => r.u32());
    skip(reader, 1);
  } else if (opcode === 0x43) reader.at += 4;
  else if (opcode === 0x44) reader.at += 8;
  else if (opcode === 0xfc) skipPrefixed(reader);
  else skip(reader, immediates(opcode));
}

/** LEB128 immediates of a one-byte opcode. */
function immediates(opcode: number): number {
  const isPlain =
    opcode <= 0x01 || opcode === 0x05 || opcode === 0x0b || opcode === 0x0f || opcode === 0x1a;
  if (isPlain || opcode === 0x1b || (opcode >= 0x45 && opcode <= 0xc4)) return 0;
  const isBlock = opcode >= 0x02 && opcode <= 0x04;
  const isBranch = opcode === 0x0c || opcode === 0x0d;
  const isVariable = opcode >= 0x20 && opcode <= 0x24;
  if (isBlock || isBranch || isVariable || opcode === 0x3f) return 1;
  if (opcode >= 0x28 && opcode <= 0x3e) return 2;
  if (opcode === 0x41 || opcode === 0x42) return 1;
  throw new Error(`unknown opcode 0x${opcode.toString(16)}`);
}

/** Saturating truncations have no immediate, memory.copy two, memory.fill one. */
function skipPrefixed(reader: Reader): void {
  const opcode = reader.u32();
  if (opcode <= 7) return;
  if (opcode === 10) skip(reader, 2);
  else if (opcode === 11) skip(reader, 1);
  else throw new Error(`unknown opcode 0xfc ${opcode}`);
}

/** Every function that may run once `start` runs; throws where a call cannot be followed. */
export function reachable(binary: WasmBinary, start: number): ReadonlySet<number> {
  const seen = new Set([start]);
  for (const index of seen) {
    const body = binary.functions[index];
    if (body?.hasIndirectCall) throw new Error(`function ${index} calls indirectly`);
    for (const called of body?.calls ?? []) seen.add(called);
  }
  return seen;
}
