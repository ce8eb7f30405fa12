import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const hashBytes = 32;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, hashBytes);
  return `${salt.toString("base64url")}.${hash.toString("base64url")}`;
}

export async function isPasswordRight(password: string, stored: string): Promise<boolean> {
  const [salt = "", hash = ""] = stored.split(".");
  const actual = await derive(password, Buffer.from(salt, "base64url"), hashBytes);
  return timingSafeEqual(actual, Buffer.from(hash, "base64url"));
}
