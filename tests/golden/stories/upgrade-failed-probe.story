downbeat trace 2 {}
# What comes first on the second WebSocket is no probe, three times. Only that WebSocket is closed;
# polling goes on, and a fourth, better one may still take over.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
> websocket 5 &sid={sid 1}
+10 > text 5 5
? close 5 1005
! respond
+10 > websocket 6 &sid={sid 1}
> text 6 2prob
? close 6 1005
+10 > websocket 7 &sid={sid 1}
> binary 7 2probe
? close 7 1005
+10 > websocket 8 &sid={sid 1}
> text 8 {"base64":"//8="}
? close 8 1007
+10 > websocket 9 &sid={sid 1}
> too-large 9
? close 9 1009
+10 > post 10 &sid={sid 1}
> body 10 42["session:create",{"name":"Ada"}]
? respond 4 200 42["session:created"
+10 > websocket 11 &sid={sid 1}
> text 11 2probe
> text 11 5
! close
