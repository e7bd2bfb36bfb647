downbeat trace 2 {"upgradeTimeout":250}
# An upgrade that is not done in time is given up, probed or not, counted from the opening of the
# WebSocket. The session stays on polling.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
+1000 > websocket 5 &sid={sid 1}
? wait 1250
> deadline
? close 5 1005
! respond

+1000 > websocket 6 &sid={sid 1}
+10 > text 6 2probe
> deadline
? respond 4 200 6
> deadline
> deadline
? close 6 1005
? wait 25000
+10 > get 7 &sid={sid 1}
+10 > post 8 &sid={sid 1}
> body 8 42["session:create",{"name":"Ada"}]
? respond 7 200 42["session:created"
