import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/**
 * A self-signed certificate made here and now, so that no test depends on a tool or on a file that expires. Just enough of X.509
 * (RFC 5280) in DER: ECDSA on P-256, one name, valid from 2020 to 2049.
 */
export interface TestCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export function createCertificate(hostname: string): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = signedPart(hostname, publicKey);
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, sequence(ECDSA_SHA256), bits(signature));
  return {
    certificate: pem("CERTIFICATE", der),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const ECDSA_SHA256 = hex("06082a8648ce3d040302");
const COMMON_NAME = hex("0603550403");
const ALTERNATIVE_NAMES = hex("0603551d11");

function signedPart(hostname: string, publicKey: KeyObject): Buffer {
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(hostname)))));
  const names = sequence(tlv(0x82, Buffer.from(hostname)));
  return sequence(
    tlv(0xa0, hex("020102")),
    hex("020101"),
    sequence(ECDSA_SHA256),
    name,
    sequence(time("200101000000Z"), time("491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(sequence(ALTERNATIVE_NAMES, tlv(0x04, names)))),
  );
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function bits(content: Buffer): Buffer {
  return tlv(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function time(text: string): Buffer {
  return tlv(0x17, Buffer.from(text));
}

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}

function pem(what: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${what}-----\n${lines.join("\n")}\n-----END ${what}-----\n`;
}
