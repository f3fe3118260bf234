import assert from "node:assert/strict";
import type { ReadBeside } from "../../src/policy/beside-file.ts";
import { formatProblem } from "../../src/policy/format.ts";
import { parseIntent } from "../../src/policy/parse.ts";
import { createCertificate } from "../support/certificate.ts";
import { gateway, toText } from "./documents.ts";

const ONE = createCertificate("shop.example");
const OTHER = createCertificate("shop.example");

/** A folder as a table; paths are below `/intent`. */
function reader(files: Readonly<Record<string, string>>): ReadBeside {
  return (documentFile, path) => {
    const text = files[path];
    if (text === undefined) return { ok: false, why: "ENOENT" };
    return { ok: true, absolutePath: `/intent/${documentFile}/../${path}`, text };
  };
}

function load(files: Readonly<Record<string, string>>) {
  const options = {
    "quantum.mesh/certificate": "certs/a.pem",
    "quantum.mesh/privateKey": "certs/a.key",
  };
  const listeners = [{ name: "https", protocol: "HTTPS", port: 443, tls: { options } }];
  const text = toText([gateway({ listeners })]);
  return parseIntent([{ file: "edge.yaml", text }], reader(files));
}

describe("the certificate of a listener", () => {
  it("is taken as text, its key as 1 absolute path", () => {
    const parsed = load({ "certs/a.pem": ONE.certificate, "certs/a.key": ONE.privateKey });

    assert.ok(parsed.ok, parsed.problems.map(formatProblem).join());
    assert.deepEqual(parsed.value.gateways[0]?.listeners[0]?.tls, {
      kind: "files",
      certificate: ONE.certificate,
      privateKeyFile: "/intent/edge.yaml/../certs/a.key",
    });
  });

  for (const [what, files, problems] of [
    [
      "files that are not there",
      {},
      [
        'certificate"]: certs/a.pem cannot be read (ENOENT) [QM0023]',
        'privateKey"]: certs/a.key cannot be read (ENOENT) [QM0023]',
      ],
    ],
    [
      "files that hold something else",
      { "certs/a.pem": ONE.privateKey, "certs/a.key": "secret" },
      [
        'certificate"]: certs/a.pem holds no certificate in PEM [QM0023]',
        'privateKey"]: certs/a.key holds no private key in PEM without a passphrase [QM0023]',
      ],
    ],
    [
      "the key of another certificate",
      { "certs/a.pem": ONE.certificate, "certs/a.key": OTHER.privateKey },
      ['privateKey"]: certs/a.key is not the key of certs/a.pem [QM0023]'],
    ],
  ] as const) {
    it(`is refused with ${what}, in ${problems.length} lines`, () => {
      const { ok, problems: found } = load(files);

      const prefix = 'edge.yaml:1 Gateway/edge spec.listeners[0].tls.options["quantum.mesh/';
      assert.equal(ok, false);
      assert.deepEqual(
        found.map(formatProblem),
        problems.map((problem) => prefix + problem),
      );
    });
  }
});
