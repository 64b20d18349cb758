/** What runs, as the subject of a token says that was made for it; `null` for a subject that names no workload. */
export function kindOfSubject(subject: string): string | null {
  if (subject.startsWith('system:serviceaccount:')) return 'kubernetes_service_account';
  if (subject.startsWith('spiffe://')) return 'spiffe';
  // GitHub Actions, GitLab CI, Terraform Cloud, CircleCI, Buildkite, Bitbucket: repository or project, and what ran.
  return /^(?:repo:|repository_owner:|project_path:|organization:|org\/|pipeline_slug:|\{[0-9a-f-]{36}\}:)/.test(subject) ? 'ci_job' : null;
}
