package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.wire.JoinGroup;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The groups of one node, by name and generation. Only the newest generation counts. */
final class GroupRegistry {
  /** Groups that peers may announce before this node joins them. */
  private static final int MAX_ANNOUNCED = 64;

  private final Map<String, Integer> newest = new HashMap<>();
  private final Map<String, TreeMap<Integer, Group>> groups = new HashMap<>();
  private int announced;

  /**
   * A peer joins a group, which this node may join later.
   *
   * @param belongs called once this node has joined it too, perhaps at once
   */
  synchronized Group admit(JoinGroup join, Runnable belongs) {
    Integer current = newest.get(join.group());
    if (current != null && join.generation() < current) {
      throw new CollectiveException(
          "A rank of a stale generation: currentGeneration=" + current + ", " + join);
    }
    if (join.worldSize() < 1 || join.sender() < 0 || join.sender() >= join.worldSize()) {
      throw new CollectiveException("An unknown sender: " + join);
    }
    Map<Integer, Group> generations = groups.computeIfAbsent(join.group(), name -> new TreeMap<>());
    Group group = generations.get(join.generation());
    if (group == null) {
      if (current != null && current == join.generation()) {
        throw new CollectiveException("This rank has left the group: " + join);
      }
      if (announced == MAX_ANNOUNCED) {
        throw new CollectiveException(
            "Too many groups that this node has not joined: limit=" + MAX_ANNOUNCED + ", " + join);
      }
      announced++;
      group = new Group(join.group(), join.generation());
      generations.put(join.generation(), group);
    }
    group.admit(join, belongs);
    return group;
  }

  /** The local rank is about to join; older generations of the group end here. */
  synchronized Group open(String name, int generation) {
    Integer current = newest.get(name);
    if (generation < 0 || (current != null && generation <= current)) {
      throw new CollectiveException(
          "A group is joined once per generation, each newer than the last: group=%s,"
                  .formatted(name)
              + " generation=%d, lastGeneration=%s".formatted(generation, current));
    }
    newest.put(name, generation);
    TreeMap<Integer, Group> generations = groups.computeIfAbsent(name, key -> new TreeMap<>());
    Map<Integer, Group> stale = generations.headMap(generation);
    for (Group group : stale.values()) {
      announced -= group.leave() ? 0 : 1;
    }
    stale.clear();
    Group group = generations.get(generation);
    if (group == null) {
      group = new Group(name, generation);
      generations.put(generation, group);
    } else {
      announced--;
    }
    return group;
  }

  /** The local rank has left. */
  synchronized void remove(Group group) {
    Map<Integer, Group> generations = groups.get(group.name());
    if (generations != null) {
      generations.remove(group.generation(), group);
    }
  }
}
