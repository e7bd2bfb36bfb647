downbeat trace 2 {}
# Binary data travels behind its text, as bytes, to all others in the same order.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
# Carol listens on polling, where bytes are base64.
> get 3
> post 4 &sid={sid 3}
> body 4 40␞42["session:join",{"roomCode":"{room 1}","name":"Carol"}]
> get 5 &sid={sid 3}
> get 6 &sid={sid 3}

+10 > text 2 451-["session:event",{"type":"wave","data":{"_placeholder":true,"num":0}}]
! send
> binary 2 {"base64":"AAEC/w=="}
? send 1 451-["session:event",{"userId":"{id 2}","type":"wave","data":{"_placeholder":true,"num":0}}]
? send-binary 1 "AAEC/w=="
? bAAEC/w==

# Two attachments, of which the data names the second alone: the other one stays behind.
+10 > text 2 452-7["session:event",{"type":"wave","data":[{"_placeholder":true,"num":1}],"more":{"_placeholder":true,"num":0}}]
> binary 2 one
> binary 2 two
? 451-["session:event",{"userId":"{id 2}","type":"wave","data":[{"_placeholder":true,"num":0}]}]
? send-binary 1 "dHdv"
! b25l
? 437[{"ok":true}]

# And from polling to the WebSockets.
> get 7 &sid={sid 3}
+10 > post 8 &sid={sid 3}
> body 8 451-["session:event",{"type":"wave","data":{"_placeholder":true,"num":0}}]␞b/wAB
? send-binary 1 "/wAB"
? send-binary 2 "/wAB"
! send 3
