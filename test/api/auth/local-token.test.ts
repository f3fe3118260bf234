import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../bench/temporary-folder.ts";
import { readAccessFile } from "../../../src/api/auth/access-file.ts";
import { localToken } from "../../../src/api/auth/local-token.ts";

describe("token of this machine", () => {
  it("is made once, for its owner to read, and found at the next start", () => {
    const dir = join(temporaryFolder(), "state");
    const first = localToken(dir);
    const second = localToken(dir);

    assert.equal(first.isNew, true);
    assert.equal(statSync(first.file).mode & 0o777, 0o600);
    assert.equal(readFileSync(first.file, "utf8").trim(), first.text);
    assert.deepEqual(second, { ...first, isNew: false });
  });

  it("differs in 2 folders", () => {
    assert.notEqual(localToken(temporaryFolder()).text, localToken(temporaryFolder()).text);
  });

  it("says what to do with a file that holds something else", () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, "api-token"), "hunter2\n");

    assert.throws(() => localToken(dir), /api-token: is no token of this program: delete it/);
  });
});

describe("access file", () => {
  function read(text: string) {
    const file = join(temporaryFolder(), "access.yaml");
    writeFileSync(file, text);
    return readAccessFile(file);
  }

  it("gives accounts and where keys are, a file beside itself by its path", () => {
    const { jwt, accounts } = read(
      [
        "jwt: {issuer: 'https://login.example', audience: qmesh, jwks: keys.json}",
        `accounts: [{name: ci, tokenSha256: ${"0a".repeat(32)}, verbs: [promote], services: [cart]}]`,
      ].join("\n"),
    );

    assert.match(jwt?.jwks ?? "", /^\/.*\/keys\.json$/);
    assert.equal(jwt?.rolesClaim, "roles");
    assert.deepEqual(accounts[0]?.services, ["cart"]);
  });

  it("names all 3 mistakes of a file, each with its path", () => {
    const text = "acounts: []\naccounts: [{name: CI, tokenSha256: abc, verbs: [promote]}]\n";

    assert.throws(
      () => read(text),
      ({ message }: Error) => message.split("\n").length === 3,
    );
  });

  it("refuses 2 accounts of one name", () => {
    const account = `{name: ci, tokenSha256: ${"0a".repeat(32)}, verbs: [promote]}`;
    assert.throws(() => read(`accounts: [${account}, ${account}]`), /ci is there twice/);
  });
});
