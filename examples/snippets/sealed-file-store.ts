import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileStore } from 'sluice/node';
import type { Codec, SharedStore } from 'sluice/session';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const TAG = { authTagLength: TAG_BYTES };

/** Encrypts by AES-256-GCM. Text that was sealed with another key, or for another `place`, cannot be opened. */
export function aesGcm(key: Uint8Array, place: string): Codec {
  if (key.length !== 32) throw new TypeError(`An AES-256 key has 32 bytes; given: ${String(key.length)}.`);
  const aad = Buffer.from(place);
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES); // Never the same twice with one key: that would reveal the texts.
      const cipher = createCipheriv('aes-256-gcm', key, iv, TAG).setAAD(aad);
      const sealed = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(sealed).toString('base64');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), TAG).setAAD(aad);
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    },
  };
}

/** `SESSION_KEY` has 32 random bytes in Base64, for instance from `openssl rand -base64 32`. */
export function sealedFileStore(file: string): SharedStore {
  const key = Buffer.from(process.env['SESSION_KEY'] ?? '', 'base64');
  const place = path.resolve(file);
  return fileStore(place, { codec: aesGcm(key, place) });
}
