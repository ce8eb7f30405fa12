import { randomBytes, randomUUID } from "node:crypto";
import type { JWTPayload } from "jose";
import type { AuthStore, Session, User } from "./auth-data.ts";
import { type AuthRefusal, refusals } from "./auth-error.ts";
import { hashPassword, isPasswordRight } from "./passwords.ts";
import type { TokenSigner } from "./token-signer.ts";

const accessTokenSeconds = 3_600;

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export type LogoutScope = "global" | "local" | "others";

export interface AuthService {
  signUp(credentials: Credentials, metadata: Readonly<Record<string, unknown>>): Promise<object | AuthRefusal>;
  signIn(credentials: Credentials): Promise<object | AuthRefusal>;
  refresh(refreshToken: string): Promise<object | AuthRefusal>;
  /** The user and session behind an access token. */
  authenticate(accessToken: string | null): Promise<{ readonly user: User; readonly session: Session } | AuthRefusal>;
  signOut(session: Session, scope: LogoutScope): void;
}

export interface AuthServiceParts {
  readonly store: AuthStore;
  readonly signer: TokenSigner;
  readonly issuer: () => string;
}

export function createAuthService({ store, signer, issuer }: AuthServiceParts): AuthService {
  const issueTokens = async (user: User, session: Session): Promise<object> => {
    const token = randomBytes(9).toString("base64url");
    const refreshToken = { token, sessionId: session.id, isUsed: false };
    store.write({ refreshTokens: [...store.read().refreshTokens, refreshToken] });
    const claims = accessClaims(user, session, issuer());
    const access_token = await signer.sign(claims);
    const lifetime = { expires_in: accessTokenSeconds, expires_at: claims.exp };
    return { access_token, token_type: "bearer", ...lifetime, refresh_token: token, user: userBody(user) };
  };
  const startSession = (user: User): Promise<object> => {
    const session: Session = { id: randomUUID(), userId: user.id, signedInAtSeconds: nowSeconds() };
    const signedIn = { ...user, lastSignInAt: new Date().toISOString() };
    const others = store.read().users.filter((other) => other.id !== user.id);
    store.write({ users: [...others, signedIn], sessions: [...store.read().sessions, session] });
    return issueTokens(signedIn, session);
  };

  return {
    signUp: async (credentials, metadata) => {
      const email = credentials.email.toLowerCase();
      if (!/^[^\s@]+@[^\s@]+$/.test(email))
        return refusals.validation("Unable to validate email address: invalid format");
      if (credentials.password.length < 6) return refusals.weakPassword;
      const user = await createUser(email, credentials.password, metadata);
      return isEmailTaken(store, email) ? refusals.userExists : startSession(user);
    },
    signIn: async ({ email, password }) => {
      const user = store.read().users.find((candidate) => candidate.email === email.toLowerCase());
      if (user === undefined || !(await isPasswordRight(password, user.passwordHash)))
        return refusals.invalidCredentials;
      return startSession(user);
    },
    refresh: async (refreshToken) => {
      const { refreshTokens, sessions, users } = store.read();
      const stored = refreshTokens.find(({ token }) => token === refreshToken);
      const session = sessions.find(({ id }) => id === stored?.sessionId);
      const user = users.find(({ id }) => id === session?.userId);
      if (stored === undefined || session === undefined || user === undefined) return refusals.refreshTokenUnknown;
      if (stored.isUsed) {
        endSessions(store, ({ id }) => id === session.id);
        return refusals.refreshTokenUsed;
      }
      store.write({ refreshTokens: refreshTokens.map((one) => (one === stored ? { ...one, isUsed: true } : one)) });
      return issueTokens(user, session);
    },
    authenticate: async (accessToken) => {
      if (accessToken === null) return refusals.noAuthorization;
      const claims = await signer.verify(accessToken);
      if (claims === null) return refusals.badJwt;
      const user = store.read().users.find(({ id }) => id === claims.sub);
      const session = store.read().sessions.find(({ id }) => id === claims.session_id);
      if (user === undefined) return refusals.userNotFound;
      return session === undefined ? refusals.sessionNotFound : { user, session };
    },
    signOut: ({ id, userId }, scope) => {
      endSessions(store, (other) => {
        if (scope === "local") return other.id === id;
        return other.userId === userId && (scope === "global" || other.id !== id);
      });
    },
  };
}

export function userBody(user: User): object {
  return {
    id: user.id,
    aud: "authenticated",
    role: "authenticated",
    email: user.email,
    email_confirmed_at: user.createdAt,
    phone: "",
    last_sign_in_at: user.lastSignInAt,
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: user.metadata,
    identities: [],
    created_at: user.createdAt,
    updated_at: user.lastSignInAt,
    is_anonymous: false,
  };
}

export function accessClaims(user: Pick<User, "id" | "email" | "metadata">, session: Session, issuer: string) {
  const iat = nowSeconds();
  return {
    iss: issuer,
    sub: user.id,
    aud: "authenticated",
    exp: iat + accessTokenSeconds,
    iat,
    email: user.email,
    phone: "",
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: user.metadata,
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password", timestamp: session.signedInAtSeconds }],
    session_id: session.id,
    is_anonymous: false,
  } satisfies JWTPayload;
}

async function createUser(email: string, password: string, metadata: Readonly<Record<string, unknown>>): Promise<User> {
  const createdAt = new Date().toISOString();
  const id = randomUUID();
  const passwordHash = await hashPassword(password);
  const own = { email, email_verified: true, phone_verified: false, sub: id };
  return { id, email, passwordHash, createdAt, lastSignInAt: createdAt, metadata: { ...metadata, ...own } };
}

function isEmailTaken(store: AuthStore, email: string): boolean {
  return store.read().users.some((user) => user.email === email);
}

function endSessions(store: AuthStore, isEnded: (session: Session) => boolean): void {
  const sessions = store.read().sessions.filter((session) => !isEnded(session));
  const openIds = new Set(sessions.map(({ id }) => id));
  const refreshTokens = store.read().refreshTokens.filter(({ sessionId }) => openIds.has(sessionId));
  store.write({ sessions, refreshTokens });
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
