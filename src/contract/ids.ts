import * as z from "zod";

const uuid = z.guid().toLowerCase();

export const UserId = uuid.brand<"UserId">();
export type UserId = z.infer<typeof UserId>;

export const RoomId = uuid.brand<"RoomId">();
export type RoomId = z.infer<typeof RoomId>;

export const AgentId = uuid.brand<"AgentId">();
export type AgentId = z.infer<typeof AgentId>;

export const SessionId = uuid.brand<"SessionId">();
export type SessionId = z.infer<typeof SessionId>;

export const TurnId = uuid.brand<"TurnId">();
export type TurnId = z.infer<typeof TurnId>;

export const StepId = uuid.brand<"StepId">();
export type StepId = z.infer<typeof StepId>;

export const MessageId = uuid.brand<"MessageId">();
export type MessageId = z.infer<typeof MessageId>;

export const SummaryId = uuid.brand<"SummaryId">();
export type SummaryId = z.infer<typeof SummaryId>;

export const RegisterEntryId = uuid.brand<"RegisterEntryId">();
export type RegisterEntryId = z.infer<typeof RegisterEntryId>;

export const ApiKeyId = uuid.brand<"ApiKeyId">();
export type ApiKeyId = z.infer<typeof ApiKeyId>;

export const GrantId = uuid.brand<"GrantId">();
export type GrantId = z.infer<typeof GrantId>;

export const WebhookEndpointId = uuid.brand<"WebhookEndpointId">();
export type WebhookEndpointId = z.infer<typeof WebhookEndpointId>;

export const ToolServerId = uuid.brand<"ToolServerId">();
export type ToolServerId = z.infer<typeof ToolServerId>;

export const WebhookDeliveryId = uuid.brand<"WebhookDeliveryId">();
export type WebhookDeliveryId = z.infer<typeof WebhookDeliveryId>;
