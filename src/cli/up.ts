export async function up(_o: unknown): Promise<number> {
  return 1;
}
