import { DataFolderError, reasonOf } from "../cloud/data-folder.ts";
import { DatabaseServerError } from "../cloud/database.ts";
import { FolderInUseError } from "../postgres/folder-lock.ts";
import { MigrationError } from "../postgres/migrate.ts";
import { PgliteCorruptError } from "../postgres/pglite.ts";
import { PortError } from "./port.ts";
import { SettingError } from "./settings.ts";

/** One sentence that says what is wrong and what to do; undefined for what nobody foresaw. */
export function complaintAbout(error: unknown, dataFolder: string): string | undefined {
  if (error instanceof SettingError || error instanceof PortError || error instanceof MigrationError) {
    return error.message;
  }
  if (error instanceof FolderInUseError) {
    return `Another Pantheon uses the data folder ${dataFolder}: end it first, choose another folder with PANTHEON_DATA, or delete ${dataFolder}/*.lock if none runs.`;
  }
  if (error instanceof DataFolderError || error instanceof PgliteCorruptError) {
    const reason = reasonOf(error instanceof PgliteCorruptError ? (error.cause ?? error) : error);
    return `The data folder ${dataFolder} is damaged (${reason}): move it away or delete it, and npm start begins afresh.`;
  }
  if (error instanceof DatabaseServerError) return `LOCAL_POSTGRES_URL cannot be used: ${error.message}.`;
  return undefined;
}
