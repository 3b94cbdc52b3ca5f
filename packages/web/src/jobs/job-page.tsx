/** One job: how it goes on each phone. */
export function JobPage() {
  return <h1>Job</h1>;
}
