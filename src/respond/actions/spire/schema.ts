import type { GrpcSchema } from '../../../outbound/grpc-port.ts';

type Field = readonly [type: string, id: number, rule?: 'repeated'];
type Messages = Readonly<Record<string, Readonly<Record<string, Field>>>>;
/** Method -> what it takes and gives. */
type Methods = Readonly<Record<string, readonly [request: string, response: string]>>;

function inside(content: Readonly<Record<string, unknown>>): GrpcSchema {
  return { nested: content };
}

function messages(all: Messages): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(all).map(([name, fields]) => [name, {
    fields: Object.fromEntries(Object.entries(fields).map(([field, [type, id, rule]]) => [field, { type, id, ...(rule === undefined ? {} : { rule }) }])),
  }]));
}

function service(name: string, methods: Methods): Readonly<Record<string, unknown>> {
  return { [name]: {
    methods: Object.fromEntries(Object.entries(methods).map(([method, [requestType, responseType]]) => [method, { requestType, responseType }])),
  } };
}

const types = 'spire.api.types';
const id: Field = [`${types}.SPIFFEID`, 1];
/** Entries are kept as they came: what later servers write into them is given back with the rest. `types.Entry` reads what is looked at. */
const entries: Field = ['bytes', 1, 'repeated'];

const typesPackage = messages({
  SPIFFEID: { trust_domain: ['string', 1], path: ['string', 2] },
  Selector: { type: ['string', 1], value: ['string', 2] },
  Status: { code: ['int32', 1] },
  Entry: {
    id: ['string', 1], spiffe_id: ['SPIFFEID', 2], parent_id: ['SPIFFEID', 3], selectors: ['Selector', 4, 'repeated'], admin: ['bool', 7],
    downstream: ['bool', 8],
  },
  Agent: { id: ['SPIFFEID', 1], attestation_type: ['string', 2], banned: ['bool', 6], can_reattest: ['bool', 7] },
});

const entryPackage = {
  ...messages({
    Filter: { by_spiffe_id: id },
    ListEntriesRequest: { filter: ['Filter', 1], page_size: ['int32', 3] },
    ListEntriesResponse: { entries, next_page_token: ['string', 2] },
    BatchDeleteEntryRequest: { ids: ['string', 1, 'repeated'] },
    DeleteResult: { status: [`${types}.Status`, 1], id: ['string', 2] },
    BatchDeleteEntryResponse: { results: ['DeleteResult', 1, 'repeated'] },
    BatchCreateEntryRequest: { entries },
    CreateResult: { status: [`${types}.Status`, 1], entry: ['bytes', 2] },
    BatchCreateEntryResponse: { results: ['CreateResult', 1, 'repeated'] },
  }),
  ...service('Entry', {
    ListEntries: ['ListEntriesRequest', 'ListEntriesResponse'], BatchDeleteEntry: ['BatchDeleteEntryRequest', 'BatchDeleteEntryResponse'],
    BatchCreateEntry: ['BatchCreateEntryRequest', 'BatchCreateEntryResponse'],
  }),
};

const agentPackage = {
  ...messages({ AgentRequest: { id }, CountAgentsRequest: {}, CountAgentsResponse: { count: ['int32', 1] }, Nothing: {} }),
  ...service('Agent', {
    GetAgent: ['AgentRequest', `${types}.Agent`], BanAgent: ['AgentRequest', 'Nothing'], DeleteAgent: ['AgentRequest', 'Nothing'],
    CountAgents: ['CountAgentsRequest', 'CountAgentsResponse'],
  }),
};

/**
 * The part of SPIRE's server interface that is spoken here, by the names and numbers of `spire-api-sdk` 1.15: `spire/api/server/entry/v1`,
 * `spire/api/server/agent/v1`. Messages that travel alike have one name here, which nobody sees.
 */
export const spireSchema: GrpcSchema = inside({ spire: inside({ api: inside({
  types: inside(typesPackage),
  server: inside({ entry: inside({ v1: inside(entryPackage) }), agent: inside({ v1: inside(agentPackage) }) }),
}) }) });
