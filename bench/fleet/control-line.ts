import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Control } from "./plan.ts";

/** The control port of a server under test: one word in, one word out, in order. */
export class ControlLine {
  private readonly waiting: ((answer: string) => void)[] = [];
  private rest = "";

  private constructor(private readonly socket: Socket) {
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.receive(text));
  }

  static async open(port: number): Promise<ControlLine> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new ControlLine(socket);
  }

  ask(word: Control): Promise<string> {
    this.socket.write(`${word}\n`);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.waiting.shift()?.(line);
  }
}

/** Serves a control port on loopback; returns the port. */
export async function answerControl(answer: (word: string) => string): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.setEncoding("utf8");
    socket.on("error", () => undefined);
    socket.on("data", (text: string) => {
      for (const word of text.trim().split("\n")) socket.write(`${answer(word)}\n`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("invariant: no port");
  return address.port;
}
