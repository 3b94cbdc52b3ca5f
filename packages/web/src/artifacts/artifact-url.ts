/** Where a browser gets an artifact's bytes: the route understands ranges, which a client of JSON would not use. */
import { API_PREFIX, type Artifact } from "@phonerack/contract/api";

export function artifactUrl({ id }: Pick<Artifact, "id">): string {
  return `${API_PREFIX}/artifacts/${id}/content`;
}
