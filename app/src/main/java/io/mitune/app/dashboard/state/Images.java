package io.mitune.app.dashboard.state;

import io.mitune.schemas.BlobRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The pictures that events named lately: the only blobs that the dashboard gives out.
 *
 * <p>Whoever asks for a hash that no event named gets nothing, so the blob store cannot be searched
 * through the page. The oldest are forgotten beyond a limit. Thread-safe.
 */
public final class Images {
    private static final String SUFFIX = ".png";

    /** What a reference says beside the hash. */
    private record Place(String kind, long size) {}

    private final Map<Sha256, Place> places;

    /**
     * @param limit pictures to remember, each about 150 bytes
     */
    public Images(int limit) {
        places =
                new LinkedHashMap<>() {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Sha256, Place> eldest) {
                        return size() > limit;
                    }
                };
    }

    /** Remembers a picture; gives its hash, or nothing where the reference names no PNG. */
    public synchronized Optional<Sha256> add(BlobRef ref) {
        var sha256 = Sha256.parse(ref.getSha256());
        var path = ref.getPath();
        var slash = path.indexOf('/');
        if (sha256.isEmpty() || slash < 1 || slash > 64 || !path.endsWith(SUFFIX)) {
            return Optional.empty();
        }
        places.put(sha256.get(), new Place(path.substring(0, slash), ref.getSize()));
        return sha256;
    }

    /** The reference of a picture that an event named. */
    public synchronized Optional<BlobRef> find(Sha256 sha256) {
        return Optional.ofNullable(places.get(sha256)).map(place -> reference(sha256.hex(), place));
    }

    private static BlobRef reference(String hex, Place place) {
        return BlobRef.newBuilder()
                .setPath(place.kind + "/" + hex.substring(0, 2) + "/" + hex + SUFFIX)
                .setSha256(hex)
                .setSize(place.size)
                .build();
    }
}
