package dev.walmonitor.handler.notify;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import java.util.ArrayList;
import java.util.List;

/**
 * By which of a rule's channels somebody is told: the first one that knows an account of theirs;
 * where none does, all that others read too. Records of all messages are added to that.
 *
 * @param channels none if there is no way
 * @param why there is none, or empty
 */
record Route(List<Channel> channels, String why) {

    Route {
        channels = List.copyOf(channels);
    }

    static Route of(List<Channel> all, Recipient to) {
        List<Channel> accounts = new ArrayList<>();
        List<Channel> rooms = new ArrayList<>();
        List<Channel> always = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (Channel channel : all) {
            switch (channel.reach(to)) {
                case Reach.Account own -> accounts.add(channel);
                case Reach.Room room -> rooms.add(channel);
                case Reach.Always record -> always.add(channel);
                case Reach.Nowhere nowhere -> reasons.add(nowhere.why());
            }
        }
        List<Channel> used = new ArrayList<>(accounts.isEmpty() ? rooms : accounts.subList(0, 1));
        used.addAll(always);
        return new Route(
                all.stream().filter(used::contains).toList(),
                used.isEmpty() ? String.join(", ", reasons) : "");
    }
}
