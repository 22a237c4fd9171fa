// Checks documents of Cairn with software that others wrote. Nothing is fetched: all that may be read is given by file.
//
// node verify.mjs FOLDER, where FOLDER holds documents.json: {"contexts": {url: document}, "documents": {url: document},
// "credentials": [url, …]}. Prints one JSON object a credential: {"id", "verified", "revoked", "errors"}.
import {readFileSync} from "node:fs";
import {gunzipSync} from "node:zlib";
import path from "node:path";
import {DataIntegrityProof} from "@digitalbazaar/data-integrity";
import {cryptosuite} from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import * as Ed25519Multikey from "@digitalbazaar/ed25519-multikey";
import * as vc from "@digitalbazaar/vc";

const given = JSON.parse(readFileSync(path.join(process.argv[2], "documents.json"), "utf8"));

const documentLoader = async (url) => {
  const [address, fragment] = url.split("#");
  const known = given.contexts[url] ?? given.documents[url];
  if (known) return {contextUrl: null, documentUrl: url, document: known};
  // A verification method is found in the document of its controller.
  const controller = fragment && given.documents[address];
  const method = controller?.verificationMethod?.find((each) => each.id === url);
  if (method && controller.assertionMethod.includes(url)) {
    return {contextUrl: null, documentUrl: url, document: {"@context": controller["@context"][1], ...method}};
  }
  throw new Error(`Not given: ${url}`);
};

const suite = () => new DataIntegrityProof({cryptosuite});

// Bitstring Status List 1.0, section 3.2, in few lines: the list's own proof, then the bit.
const checkStatus = async ({credential}) => {
  const entry = credential.credentialStatus;
  const list = given.documents[entry.statusListCredential];
  const result = await vc.verifyCredential({credential: list, suite: suite(), documentLoader});
  if (!result.verified) return {verified: false, error: result.error};
  const bits = gunzipSync(Buffer.from(list.credentialSubject.encodedList.slice(1), "base64url"));
  const index = Number(entry.statusListIndex);
  const revoked = Boolean(bits[index >> 3] & (0x80 >> (index & 7)));
  const same = list.credentialSubject.statusPurpose === entry.statusPurpose;
  return {verified: same && !revoked, revoked};
};

// Every key for proofs is one that this library can read; those for tokens are of other kinds.
for (const document of Object.values(given.documents)) {
  for (const method of document.verificationMethod ?? []) {
    if (method.type === "Multikey") await Ed25519Multikey.from(method);
  }
}

for (const id of given.credentials) {
  const result = await vc.verifyCredential({
    credential: given.documents[id],
    suite: suite(),
    documentLoader,
    checkStatus,
  });
  console.log(JSON.stringify({
    id,
    verified: result.verified,
    signed: Boolean(result.results?.every((each) => each.verified)),
    revoked: Boolean(result.statusResult?.revoked),
    errors: [result.error, ...(result.error?.errors ?? [])].filter(Boolean).map((error) => error.message),
  }));
}
