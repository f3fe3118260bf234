export async function showStatus(_o: unknown): Promise<number> {
  return 1;
}
export async function showProxies(_o: unknown): Promise<number> {
  return 1;
}
