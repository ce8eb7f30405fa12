export { looksLikeApiKey, parseApiKey } from "../../domain/api-key/format.ts";
