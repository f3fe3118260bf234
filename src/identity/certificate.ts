import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import {
  bitString,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  TRUE,
  time,
  tlv,
  utf8String,
} from "./der.ts";

/**
 * X.509 certificates of this mesh (RFC 5280): ECDSA on P-256, since Envoy offers no Ed25519 in TLS; one name in the form of a
 * URI, as SPIFFE asks (https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md). A certificate either signs others or
 * proves who somebody is, as client and as server, never both.
 */
export interface KeyPair {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly privateKey: string;
}

export interface CertificateOptions {
  /** Common name, for people; letters, digits, blanks, `.`, `-`. */
  readonly commonName: string;
  /** SPIFFE id. */
  readonly uri: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Absent: it signs itself and may sign others. */
  readonly issuer?: KeyPair;
}

export function createCertificate(options: CertificateOptions): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { issuer } = options;
  const signer = issuer === undefined ? privateKey : createPrivateKey(issuer.privateKey);
  const issuerName = issuer === undefined ? options.commonName : commonNameOf(issuer.certificate);
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    ECDSA_SHA256,
    nameOf(issuerName),
    sequence(time(options.notBefore), time(options.notAfter)),
    nameOf(options.commonName),
    spki(publicKey),
    tlv(0xa3, sequence(...extensions(options, publicKey, createPublicKey(signer)))),
  );
  const signature = sign("sha256", body, signer);
  return {
    certificate: pem(sequence(body, ECDSA_SHA256, bitString(signature))),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const ECDSA_SHA256 = sequence(objectId("1.2.840.10045.4.3.2"));
const COMMON_NAME = objectId("2.5.4.3");

const SUBJECT_KEY_ID = "2.5.29.14";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const AUTHORITY_KEY_ID = "2.5.29.35";
const EXTENDED_KEY_USAGE = "2.5.29.37";

/** keyCertSign and cRLSign. */
const MAY_SIGN = bitString(Buffer.from([0x06]), 1);
/** digitalSignature: all that TLS 1.3 needs. */
const MAY_PROVE = bitString(Buffer.from([0x80]), 7);
const CLIENT_AND_SERVER = sequence(objectId("1.3.6.1.5.5.7.3.1"), objectId("1.3.6.1.5.5.7.3.2"));
/** An authority that issues end certificates and no further authorities. */
const AUTHORITY = sequence(TRUE, integer(Buffer.from([0])));

function extensions({ uri, issuer }: CertificateOptions, own: KeyObject, by: KeyObject): Buffer[] {
  const isAuthority = issuer === undefined;
  const name = sequence(tlv(0x86, Buffer.from(uri)));
  return [
    extension(BASIC_CONSTRAINTS, isAuthority ? AUTHORITY : sequence(), { isCritical: true }),
    extension(KEY_USAGE, isAuthority ? MAY_SIGN : MAY_PROVE, { isCritical: true }),
    ...(isAuthority ? [] : [extension(EXTENDED_KEY_USAGE, CLIENT_AND_SERVER)]),
    extension(ALTERNATIVE_NAME, name),
    extension(SUBJECT_KEY_ID, octetString(keyId(own))),
    extension(AUTHORITY_KEY_ID, sequence(tlv(0x80, keyId(by)))),
  ];
}

function extension(id: string, value: Buffer, { isCritical = false } = {}): Buffer {
  return sequence(objectId(id), ...(isCritical ? [TRUE] : []), octetString(value));
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(COMMON_NAME, utf8String(commonName))));
}

/** Of a certificate made here: its subject is the common name alone. */
function commonNameOf(certificate: string): string {
  return new X509Certificate(certificate).subject.replace(/^CN=/, "");
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

/** RFC 7093: 160 bits of the SHA-256 of the key. */
function keyId(key: KeyObject): Buffer {
  return createHash("sha256").update(spki(key)).digest().subarray(0, 20);
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
