export { looksLikeApiKey, parseApiKey } from "../../domain/text/api-key.ts";
