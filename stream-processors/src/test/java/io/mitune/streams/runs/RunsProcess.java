package io.mitune.streams.runs;

import io.mitune.streams.StreamsChild;

/** A keeper of runs in a process of its own, to be killed. */
final class RunsProcess {
    private RunsProcess() {}

    public static void main(String[] args) {
        StreamsChild.run(args, RunsTopology::role);
    }
}
