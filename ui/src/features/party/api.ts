import { useQuery } from '@tanstack/react-query';
import { del, get, type Page, path, post, put } from '@/api/client';
import { useAct, useList } from '@/api/query';
import type { components } from '@/api/schema.gen';

type S = components['schemas'];

export type Org = S['PartyOrg'];
export type OrgDetail = S['PartyOrgBody'];
export type OrgDraft = S['PartyOrgDraft'];
export type Worker = S['PartyWorker'];
export type WorkerDraft = S['PartyWorkerDraft'];
export type Shifts = { week: string[]; days: S['PartyDay'][] };
export type Absence = S['PartyAbsence'];
export type AbsenceDraft = S['PartyAbsenceDraft'];
export type Certificate = S['PartyCertificate'];
export type Expiring = S['PartyExpiringCertificate'];
export type CertificateDraft = S['PartyCertificateDraft'];
export type ActorKind = S['PartyActorKind'];
export type Module = S['PartyModule'];
export type Kinds = S['PartySkillsBody'];

export interface OrgFilter {
  kind?: string;
  place?: string;
  q?: string;
  state?: string;
}

export interface WorkerFilter {
  org?: string;
  place?: string;
  skill?: string;
  state?: string;
  q?: string;
}

export const keys = {
  all: ['party'] as const,
  orgs: ['party', 'orgs'] as const,
  orgList: (f: OrgFilter) => ['party', 'orgs', f] as const,
  org: (id: string) => ['party', 'org', id] as const,
  workers: ['party', 'workers'] as const,
  workerList: (f: WorkerFilter) => ['party', 'workers', f] as const,
  worker: (id: string) => ['party', 'worker', id] as const,
  expiring: ['party', 'expiring'] as const,
  actors: ['party', 'actors'] as const,
  modules: ['party', 'modules'] as const,
  kinds: ['party', 'kinds'] as const,
  mine: ['party', 'mine'] as const,
};

const forever = { staleTime: Number.POSITIVE_INFINITY } as const;

/** The kinds of actors and the roles of the policy. */
export const useActors = () =>
  useQuery({
    queryKey: keys.actors,
    queryFn: ({ signal }) => get<S['PartyActorsBody']>('/api/v1/actor-kinds', undefined, signal),
    ...forever,
  });

export const useModules = () =>
  useQuery({
    queryKey: keys.modules,
    queryFn: ({ signal }) => get<S['PartyCollaborationBody']>('/api/v1/collaboration', undefined, signal),
    ...forever,
  });

/** Skills and kinds of certificates. */
export const useKinds = () =>
  useQuery({
    queryKey: keys.kinds,
    queryFn: ({ signal }) => get<Kinds>('/api/v1/skills', undefined, signal),
    ...forever,
  });

export const useOrgs = (f: OrgFilter = {}) =>
  useList<Org>(keys.orgList(f), '/api/v1/organizations', { ...f, limit: 200 });

export const useOrg = (id: string | undefined) =>
  useQuery({
    queryKey: keys.org(id ?? ''),
    queryFn: ({ signal }) => get<OrgDetail>(path`/api/v1/organizations/${id ?? ''}`, undefined, signal),
    enabled: Boolean(id),
  });

export const useWorkers = (f: WorkerFilter = {}) =>
  useList<Worker>(keys.workerList(f), '/api/v1/workers', { ...f, limit: 200 });

export const useWorker = (id: string | undefined) =>
  useQuery({
    queryKey: keys.worker(id ?? ''),
    queryFn: ({ signal }) => get<Worker>(path`/api/v1/workers/${id ?? ''}`, undefined, signal),
    enabled: Boolean(id),
  });

/** Certificates that end within so many days, or ended in the last month; the first to end first. */
export const useExpiring = (days: number, wanted = true) =>
  useQuery({
    queryKey: [...keys.expiring, days],
    queryFn: ({ signal }) =>
      get<Page<Expiring>>('/api/v1/certificates', { within_days: days, limit: 200 }, signal),
    enabled: wanted,
  });

const rev = (n: number) => ({ 'If-Match': `"${n}"` });

export const useSaveOrg = () =>
  useAct(
    (v: { id?: string; rev?: number; draft: OrgDraft }, key) =>
      v.id
        ? put<Org>(path`/api/v1/organizations/${v.id}`, v.draft, { headers: rev(v.rev ?? 0) })
        : post<Org>('/api/v1/organizations', v.draft, { key }),
    { stale: [keys.all] },
  );

export const useAddMember = () =>
  useAct(
    (v: { org: string; member: S['PartyMemberDraft'] }, key) =>
      post(path`/api/v1/organizations/${v.org}/members`, v.member, { key }),
    { stale: (v) => [keys.org(v.org)] },
  );

export const useRemoveMember = () =>
  useAct(
    (v: { org: string; member: string }) => del(path`/api/v1/organizations/${v.org}/members/${v.member}`),
    { stale: (v) => [keys.org(v.org)] },
  );

export const useSaveWorker = () =>
  useAct(
    (v: { id?: string; rev?: number; draft: WorkerDraft }, key) =>
      v.id
        ? put<Worker>(path`/api/v1/workers/${v.id}`, v.draft, { headers: rev(v.rev ?? 0) })
        : post<Worker>('/api/v1/workers', v.draft, { key }),
    { stale: [keys.all] },
  );

export const useSetShifts = () =>
  useAct(
    (v: { worker: Pick<Worker, 'id' | 'rev'>; shifts: Shifts }) =>
      put<Worker>(path`/api/v1/workers/${v.worker.id}/shifts`, v.shifts, { headers: rev(v.worker.rev) }),
    { stale: (v) => [keys.workers, keys.worker(v.worker.id)] },
  );

export const useAddAbsence = () =>
  useAct(
    (v: { worker: string; absence: AbsenceDraft }, key) =>
      post<Worker>(path`/api/v1/workers/${v.worker}/absences`, v.absence, { key }),
    { stale: (v) => [keys.workers, keys.worker(v.worker)] },
  );

export const useEndAbsence = () =>
  useAct(
    (v: { worker: string; absence: string }, key) =>
      post<Worker>(path`/api/v1/workers/${v.worker}/absences/${v.absence}/end`, {}, { key }),
    { stale: (v) => [keys.workers, keys.worker(v.worker)] },
  );

export const useAddCertificate = () =>
  useAct(
    (v: { worker: string; certificate: CertificateDraft }, key) =>
      post<Worker>(path`/api/v1/workers/${v.worker}/certificates`, v.certificate, { key }),
    { stale: [keys.all] },
  );

export const useRevoke = () =>
  useAct(
    (v: { worker: string; certificate: string; reason: string }, key) =>
      post<Worker>(
        path`/api/v1/workers/${v.worker}/certificates/${v.certificate}/revoke`,
        { reason: v.reason },
        { key },
      ),
    { stale: [keys.all] },
  );

/** The worker behind the signed-in account. */
export const useMine = () =>
  useQuery({
    queryKey: keys.mine,
    queryFn: ({ signal }) => get<Worker>('/api/v1/my/worker', undefined, signal),
  });

export const useEndMine = () =>
  useAct((absence: string, key) => post<Worker>(path`/api/v1/my/absences/${absence}/end`, {}, { key }), {
    stale: [keys.mine],
  });
