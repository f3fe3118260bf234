/**
 * The guest's memory with every access checked: a pointer or size outside it is the guest's fault and fails the test, where
 * Envoy would answer InvalidMemoryAccess and hide it.
 */
export class GuestMemory {
  private memory: WebAssembly.Memory | undefined;

  attach(memory: WebAssembly.Memory): void {
    this.memory = memory;
  }

  get bytes(): number {
    return this.buffer().byteLength;
  }

  read(ptr: number, size: number): Uint8Array {
    return new Uint8Array(this.buffer(), this.checked(ptr, size), size >>> 0).slice();
  }

  text(ptr: number, size: number): string {
    return Buffer.from(this.read(ptr, size)).toString("latin1");
  }

  write(ptr: number, bytes: Uint8Array): void {
    new Uint8Array(this.buffer()).set(bytes, this.checked(ptr, bytes.length));
  }

  writeU32(ptr: number, value: number): void {
    new DataView(this.buffer()).setUint32(this.checked(ptr, 4), value, true);
  }

  writeU64(ptr: number, value: bigint): void {
    new DataView(this.buffer()).setBigUint64(this.checked(ptr, 8), value, true);
  }

  private buffer(): ArrayBuffer {
    if (this.memory === undefined) throw new Error("host call while the module starts");
    return this.memory.buffer;
  }

  private checked(ptr: number, size: number): number {
    const start = ptr >>> 0;
    const end = start + (size >>> 0);
    if (end > this.bytes)
      throw new Error(`pointer ${start}+${size >>> 0} is outside ${this.bytes}`);
    return start;
  }
}
