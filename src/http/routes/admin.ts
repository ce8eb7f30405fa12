import * as z from "zod";
import { addPricingVersion } from "../../app/admin/add-pricing-version.ts";
import { createGrant } from "../../app/admin/create-grant.ts";
import { found } from "../../app/not-found.ts";
import {
  AccountTotals,
  CreateGrant,
  Grant,
  GrantQuery,
  PeriodQuery,
  PlatformUsage,
  PlatformWaste,
} from "../../contract/admin.ts";
import { listOf } from "../../contract/lists.ts";
import {
  CreatePricingVersion,
  PricingVersion,
  PricingVersionId,
  PricingVersionQuery,
  PricingVersionSummary,
} from "../../contract/pricing.ts";
import { created, made, ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const access: Access = { kind: "admin" };
const tag = "Admin";

export const adminRoutes = [
  defineRoute({
    method: "post",
    path: "/admin/grants",
    operationId: "createGrant",
    summary: "Give a user credits",
    tag,
    access,
    body: CreateGrant,
    isCreate: true,
    answers: { 201: { description: "The grant; its credits can be spent", schema: Grant } },
    handle: ({ ports, caller, body, key }) => createGrant(ports, caller, body, key),
    render: made,
  }),
  defineRoute({
    method: "get",
    path: "/admin/grants",
    operationId: "listGrants",
    summary: "List the grants, newest first",
    tag,
    access,
    query: GrantQuery,
    answers: { 200: { description: "A page of grants", schema: listOf(Grant) } },
    handle: ({ ports, caller, query }) => ports.admin.grants(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/admin/usage",
    operationId: "listPlatformUsage",
    summary: "The model calls of all users by day, week or month, newest first",
    tag,
    access,
    query: PeriodQuery,
    answers: { 200: { description: "A page of periods in which calls were made", schema: listOf(PlatformUsage) } },
    handle: ({ ports, caller, query }) => ports.admin.usage(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/admin/waste",
    operationId: "listPlatformWaste",
    summary: "What the platform paid in its users' place by day, week or month, newest first",
    tag,
    access,
    query: PeriodQuery,
    answers: { 200: { description: "A page of periods in which something was lost", schema: listOf(PlatformWaste) } },
    handle: ({ ports, caller, query }) => ports.admin.waste(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/admin/accounts",
    operationId: "getAccountTotals",
    summary: "All accounts of all users, summed by kind; together they are zero",
    tag,
    access,
    answers: { 200: { description: "The sums", schema: AccountTotals } },
    handle: ({ ports, caller }) => ports.admin.accounts(caller),
    render: ok,
  }),
  defineRoute({
    method: "post",
    path: "/admin/pricing_versions",
    operationId: "createPricingVersion",
    summary: "Add a pricing version; it never changes again, and turns under way keep theirs",
    tag,
    access,
    body: CreatePricingVersion,
    isCreate: true,
    answers: { 201: { description: "The version", schema: PricingVersion, headers: ["Location"] } },
    handle: ({ ports, caller, body, key }) => addPricingVersion(ports, caller, body, key),
    render: created<PricingVersion>(({ id }) => `/admin/pricing_versions/${id}`),
  }),
  defineRoute({
    method: "get",
    path: "/admin/pricing_versions",
    operationId: "listPricingVersions",
    summary: "List the pricing versions; the one that begins last comes first",
    tag,
    access,
    query: PricingVersionQuery,
    answers: { 200: { description: "A page of versions", schema: listOf(PricingVersionSummary) } },
    handle: ({ ports, caller, query }) => ports.pricing.list(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/admin/pricing_versions/:pricing_version_id",
    operationId: "getPricingVersion",
    summary: "Read a pricing version with its prices",
    tag,
    access,
    params: z.strictObject({ pricing_version_id: PricingVersionId }),
    answers: { 200: { description: "The version", schema: PricingVersion } },
    handle: async ({ ports, caller, params }) => found(await ports.pricing.find(caller, params.pricing_version_id)),
    render: ok,
  }),
];
