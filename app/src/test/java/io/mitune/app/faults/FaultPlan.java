package io.mitune.app.faults;

import io.mitune.app.faults.SlowProxy.Weather;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Which faults strike when: a function of the seed alone.
 *
 * @param blows in the order of {@link Blow#at}
 */
record FaultPlan(List<Blow> blows) {
    /** Every process that can be hit. */
    static final List<String> VICTIMS =
            List.of("worker-1", "worker-2", "curator", "trainer", "broker");

    /**
     * Faults that strike together.
     *
     * @param at how much of the work is done then, from 0 to 1: tied to progress, a fault finds its
     *     victim at work on any machine
     * @param delayMillis how much later, so that it may strike anywhere in a step
     */
    record Blow(double at, int delayMillis, List<Fault> faults) {}

    /** Each process is killed, one is stopped, one paused, the network slow and away. */
    static FaultPlan small(Random random) {
        var faults = new ArrayList<Fault>();
        VICTIMS.forEach(victim -> faults.add(new Fault.Kill(victim, random.nextInt(1500))));
        faults.add(new Fault.Stop(victim(random), random.nextInt(1500)));
        faults.add(new Fault.Pause(victim(random), 500 + random.nextInt(4000)));
        faults.add(slow(random));
        faults.add(away(random));
        return spread(faults, random);
    }

    /** Several of everything, longer. */
    static FaultPlan large(Random random) {
        var faults = new ArrayList<Fault>();
        for (int i = 0; i < 3; i++) {
            VICTIMS.forEach(victim -> faults.add(new Fault.Kill(victim, random.nextInt(8000))));
            faults.add(new Fault.Stop(victim(random), random.nextInt(8000)));
            faults.add(new Fault.Stop(victim(random), random.nextInt(8000)));
            faults.add(new Fault.Pause(victim(random), 500 + random.nextInt(20_000)));
            faults.add(new Fault.Pause(victim(random), 500 + random.nextInt(5000)));
            faults.add(slow(random));
            faults.add(away(random));
        }
        return spread(faults, random);
    }

    /** Every third fault comes together with another one. */
    private static FaultPlan spread(List<Fault> faults, Random random) {
        Collections.shuffle(faults, random);
        var blows = new ArrayList<Blow>();
        for (int i = 0; i < faults.size(); i++) {
            var together = new ArrayList<>(List.of(faults.get(i)));
            boolean another = i + 1 < faults.size() && random.nextInt(3) == 0;
            if (another && !faults.get(i + 1).victim().equals(faults.get(i).victim())) {
                i++;
                together.add(faults.get(i));
            }
            blows.add(new Blow(random.nextDouble(), random.nextInt(400), together));
        }
        blows.sort(Comparator.comparingDouble(Blow::at));
        return new FaultPlan(blows);
    }

    private static String victim(Random random) {
        return VICTIMS.get(random.nextInt(VICTIMS.size()));
    }

    private static Fault slow(Random random) {
        var weather =
                new Weather(20 + random.nextInt(400), 20_000 + random.nextInt(200_000), false);
        return new Fault.Network(weather, 2000 + random.nextInt(6000));
    }

    private static Fault away(Random random) {
        return new Fault.Network(new Weather(0, Integer.MAX_VALUE, true), random.nextInt(6000));
    }
}
