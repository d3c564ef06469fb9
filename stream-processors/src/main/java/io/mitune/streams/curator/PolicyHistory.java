package io.mitune.streams.curator;

import io.mitune.schemas.PolicyEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * All that the log says of policies, and which of them judge a prompt: a function of the log and of
 * the prompt's place in it.
 *
 * <p>Of two events with the same name and version the first counts, also before the built-in ones;
 * bad events are passed over. Immutable.
 */
public final class PolicyHistory {
    private final List<PolicyEvent> changes = new ArrayList<>();
    private final Map<String, Long> effects = new HashMap<>();

    private PolicyHistory(Collection<PolicyEvent> log) {
        Set<String> seen = new HashSet<>();
        CurationPolicy.BUILT_IN.forEach(p -> seen.add(p.name() + "/" + p.version()));
        for (var event : log) {
            if (PolicyEvents.fault(event).isEmpty() && seen.add(PolicyEvents.key(event))) {
                if (event.getAction().equals(PolicyEvents.EFFECT)) {
                    effects.put(PolicyEvents.key(event), event.getOffset());
                } else {
                    changes.add(event);
                }
            }
        }
    }

    /**
     * @param log the topic's records in their order
     */
    public static PolicyHistory of(Collection<PolicyEvent> log) {
        return new PolicyHistory(log);
    }

    /** Policies set and removed, in the order of the log. */
    public List<PolicyEvent> changes() {
        return List.copyOf(changes);
    }

    /** A version of a policy; the built-in ones have no event. */
    public Optional<CurationPolicy> find(String name, int version) {
        return changes.stream()
                .filter(e -> e.getName().equals(name) && e.getVersion() == version)
                .filter(e -> e.getAction().equals(PolicyEvents.SET))
                .map(PolicyEvents::policy)
                .findFirst()
                .or(() -> builtIn(name).filter(p -> p.version() == version));
    }

    /** The last version that was set or removed; 0 for a name that nobody used. */
    public int lastVersion(String name) {
        return changes.stream()
                .filter(e -> e.getName().equals(name))
                .mapToInt(PolicyEvent::getVersion)
                .max()
                .orElseGet(() -> builtIn(name).map(CurationPolicy::version).orElse(0));
    }

    /** The last event of a name. */
    public Optional<PolicyEvent> last(String name) {
        return changes.stream()
                .filter(e -> e.getName().equals(name))
                .reduce((before, after) -> after);
    }

    /** The offset in a partition of prompts from which on a change counts. */
    public long from(PolicyEvent change, int partition) {
        return correction(change, partition).orElseGet(() -> asked(change, partition));
    }

    /** The offset that the curator gave it instead of the one asked for, if it came too late. */
    OptionalLong correction(PolicyEvent change, int partition) {
        var offset = effects.get(PolicyEvents.key(change) + "/" + partition);
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    static long asked(PolicyEvent change, int partition) {
        var offsets = change.getPromptOffsets();
        return partition < offsets.size() ? offsets.get(partition) : 0;
    }

    /**
     * The policies that judge a prompt, each with a run suffix of its own.
     *
     * @param base those of the configuration
     * @param counted the changes whose offset the prompt has reached, in the order of the log
     */
    static List<CurationPolicy> inForce(
            List<CurationPolicy> base, String run, List<PolicyEvent> counted) {
        Map<String, CurationPolicy> byName = new LinkedHashMap<>();
        for (var event : counted) {
            if (event.getLive() && (event.getRun().isEmpty() || event.getRun().equals(run))) {
                byName.remove(event.getName());
                if (event.getAction().equals(PolicyEvents.SET)) {
                    byName.put(event.getName(), PolicyEvents.policy(event));
                }
            }
        }
        Map<String, CurationPolicy> bySuffix = new LinkedHashMap<>();
        base.forEach(policy -> bySuffix.put(policy.runSuffix(), policy));
        byName.values().forEach(policy -> bySuffix.put(policy.runSuffix(), policy));
        return List.copyOf(bySuffix.values());
    }

    /** The same from what stands in the log alone, as a batch program sees it. */
    public List<CurationPolicy> inForce(
            List<CurationPolicy> base, String run, int partition, long offset) {
        var counted = changes.stream().filter(e -> from(e, partition) <= offset).toList();
        return inForce(base, run, counted);
    }

    private static Optional<CurationPolicy> builtIn(String name) {
        return CurationPolicy.BUILT_IN.stream().filter(p -> p.name().equals(name)).findFirst();
    }
}
